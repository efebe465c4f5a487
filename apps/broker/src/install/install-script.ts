/** One file that the script fetches from the broker. */
interface HandedFile {
  readonly name: string
  /** hexadecimal; that of Node is of the unpacked file */
  readonly sha256: string
}

export interface ScriptFacts {
  readonly version: string
  readonly tarball: HandedFile
  readonly tarballBytes: number
  /** the broker's own Node, packed by gzip, and its platform as Node calls it; null when the broker gives none */
  readonly node: { readonly platform: string; readonly file: HandedFile } | null
}

/**
 * What `GET /install` answers: a POSIX shell script that a person can read in a minute. It depends on the release alone, not on the
 * address it is asked for under, so that its hash is one.
 */
export const installScript = ({ version, tarball, tarballBytes, node }: ScriptFacts): string => `#!/bin/sh
# Installs Latchkey ${version} for this user, from the broker that gave this script: sh install BROKER_ADDRESS_OR_JOIN_URL
#   1. Fetches ${tarball.name} from the broker. Stops unless its SHA-256 is the one below.
#   2. Uses this machine's Node if it is 22.13 or newer, else the broker's own. Asks before it takes one from the system.
#   3. Puts both into ~/.local/share/latchkey, and the command into ~/.local/bin. No root; nothing from anywhere else.
#   4. With a join URL: joins the broker and shows a PIN. With a join key in LATCHKEY_JOIN_KEY_FILE (or LATCHKEY_JOIN_KEY): joins
#      without a PIN, and starts with the machine where LATCHKEY_SERVICE=yes. Asks nothing then.
# Undo: latchkey uninstall
set -eu
version='${version}'
tarball='${tarball.name}'
tarball_sha256='${tarball.sha256}'
node_platform='${node?.platform ?? ''}'
node_file='${node?.file.name ?? ''}'
node_sha256='${node?.file.sha256 ?? ''}'
needed_kb=${Math.ceil((tarballBytes * 4) / 1024)}

home=\${XDG_DATA_HOME:-$HOME/.local/share}/latchkey
bin=$HOME/.local/bin
new=$home/versions/$version-$(printf %.12s "$tarball_sha256")
work=$home/.unfinished-$$

say() { printf '%s\\n' "$*" >&2; }
stop() { say "Stopped: $*"; exit 1; }

fetch() { # NAME: into $work. The hashes decide, so the connection need not be trusted.
  if command -v curl >/dev/null; then curl -fsSk "$broker/install/$1" -o "$work/$1"
  elif command -v wget >/dev/null; then wget -q --no-check-certificate "$broker/install/$1" -O "$work/$1"
  else stop 'curl or wget is needed.'; fi || stop "$broker/install/$1 cannot be fetched. Is there room on the disk?"
}

check() { # NAME SHA-256
  if command -v sha256sum >/dev/null; then sum=$(sha256sum "$work/$1"); else sum=$(shasum -a 256 "$work/$1"); fi
  [ "\${sum%% *}" = "$2" ] || stop "$1 is not the file that this script names. Nothing was installed."
}

fits() { "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 13) ? 0 : 1)' 2>/dev/null; }

platform() {
  os=$(uname -s | tr A-Z a-z)
  case $(uname -m) in x86_64 | amd64) echo "$os-x64" ;; aarch64 | arm64) echo "$os-arm64" ;; *) echo "$os-other" ;; esac
}

system_node() { # Asks first: this may need root.
  for how in 'sudo apt-get install -y nodejs' 'sudo dnf install -y nodejs' 'sudo pacman -S --noconfirm nodejs' 'sudo apk add nodejs' 'brew install node'; do
    tool=$(printf '%s' "$how" | sed 's/^sudo //; s/ .*//')
    command -v "$tool" >/dev/null || continue
    printf 'Node 22.13 or newer is missing. Install it with "%s"? [y/N] ' "$how" >&2
    read -r answer </dev/tty 2>/dev/null || answer=n
    case $answer in y | Y | yes) $how >&2 && return ;; esac
    break
  done
  stop 'Node 22.13 or newer is needed. Install it, or name one in LATCHKEY_NODE, and run this again.'
}

find_node() {
  for node in "\${LATCHKEY_NODE:-}" "$home/node" "$(command -v node || true)"; do
    if [ -n "$node" ] && fits "$node"; then return; fi
  done
  if [ "$(platform)" = "$node_platform" ]; then
    say "Node 22.13 or newer is missing: fetching the broker's, for Latchkey alone."
    fetch "$node_file"
    gunzip -c "$work/$node_file" > "$work/node"
    check node "$node_sha256"
    chmod 755 "$work/node"
    if fits "$work/node"; then mv -f "$work/node" "$home/node"; node=$home/node; return; fi
    say "The broker's Node does not run here."
  fi
  system_node
  node=$(command -v node || true)
  [ -n "$node" ] && fits "$node" || stop "The system's Node is too old. Name a newer one in LATCHKEY_NODE, and run this again."
}

main() {
  address=\${1:-}
  case $address in http://* | https://*) ;; *) stop "Name the broker, or the join URL of its console: sh $0 https://broker.example" ;; esac
  broker=$(printf %s "$address" | sed 's,/join[#?].*,,; s,/*$,,')
  if [ -e "$bin/latchkey" ] && ! grep -qs 'Latchkey, installed by its broker' "$bin/latchkey"; then
    stop "$bin/latchkey is of another program. Move it away first."
  fi
  mkdir -p "$home/versions" "$bin" "$work"
  trap 'rm -rf "$work"' EXIT
  free_kb=$(df -Pk "$home" | awk 'NR == 2 { print $4 }')
  [ "$free_kb" -ge "$needed_kb" ] || stop "$home has $free_kb KB left; $needed_kb KB are needed."
  find_node
  if [ ! -e "$new/files.sha256" ]; then
    fetch "$tarball"
    check "$tarball" "$tarball_sha256"
    mkdir "$work/release"
    tar -xzf "$work/$tarball" --strip-components=1 -C "$work/release" || stop 'The release cannot be unpacked. Is there room on the disk?'
    "$node" "$work/release/bin/latchkey.mjs" --version >&2 || stop 'The release does not run here. Nothing was installed.'
    mv "$work/release" "$new"
  fi
  # rename(2) puts the new release in place of the old one in one step.
  ln -s "$new" "$work/current"
  "$node" -e 'require("fs").renameSync(process.argv[1], process.argv[2])' "$work/current" "$home/current"
  printf '#!/bin/sh\\n# Latchkey, installed by its broker. Undo: latchkey uninstall\\nexec "%s" "%s/current/bin/latchkey.mjs" "$@"\\n' "$node" "$home" > "$work/latchkey"
  chmod 755 "$work/latchkey"
  mv -f "$work/latchkey" "$bin/latchkey"
  say "Installed Latchkey $version in $home. Undo: latchkey uninstall"
  found=$(command -v latchkey || true)
  [ "$found" = "$bin/latchkey" ] || say "Call it by its path, $bin/latchkey, or put $bin first in PATH\${found:+: "latchkey" alone is $found}."
  if [ -n "\${LATCHKEY_JOIN_KEY_FILE:-}\${LATCHKEY_JOIN_KEY:-}" ]; then
    "$bin/latchkey" join --broker "$broker" || exit
    unset LATCHKEY_JOIN_KEY
    if [ "\${LATCHKEY_SERVICE:-}" = yes ]; then "$bin/latchkey" service install
    else say "Start it by hand with: $bin/latchkey run     With the machine: $bin/latchkey service install"; fi
    return 0
  fi
  case $address in */join[#?]*) ;; *) return 0 ;; esac
  "$bin/latchkey" join "$address"
  printf 'Start Latchkey with this machine? [y/N] ' >&2
  read -r answer </dev/tty 2>/dev/null || answer=n
  case $answer in
    y | Y | yes) "$bin/latchkey" service install ;;
    *) say "Start it by hand with: $bin/latchkey run     With the machine: $bin/latchkey service install" ;;
  esac
}

main "$@"
`
