/** What the main thread and the thread of the screens tell each other. Both ends are this program: no parsing needed. */
export {};
//# sourceMappingURL=screen-messages.js.map