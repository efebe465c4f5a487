export interface RunnerSettings {
    readonly brokerUrl: string;
    readonly secret: string | undefined;
    readonly identityPath: string;
    readonly label: string | undefined;
    readonly shell: string | undefined;
    readonly folder: string | undefined;
    readonly viewOnly: boolean;
    readonly terminalsMax: number | undefined;
}
export type Settings = {
    readonly ok: true;
    readonly settings: RunnerSettings;
} | {
    readonly ok: false;
    readonly problems: readonly string[];
};
/** The settings in `env`, or everything that is wrong with them. */
export declare function parseRunnerSettings(env: Readonly<Record<string, string | undefined>>): Settings;
