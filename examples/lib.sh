# What the stories share: a directory of their own, a server in it, and its end. Sourced by run.sh.
# shellcheck shell=bash

set -euo pipefail
binary=${SALLYPORT_BINARY:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/release/sallyport}
[[ -x $binary ]] || { echo "build it first: ./dev build" >&2; exit 1; }

SALLYPORT_DATA=$(mktemp -d)
export SALLYPORT_DATA
server=
finish() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$SALLYPORT_DATA"
}
trap finish EXIT

sallyport() { "$binary" "$@"; }

# Waits until a command succeeds, at most 30 seconds.
until_true() {
  local deadline=$((SECONDS + 30))
  until "$@"; do
    ((SECONDS < deadline)) || { echo "not within 30 seconds: $*" >&2; exit 1; }
    sleep 0.1
  done
}

# Starts a server on a free port; its address is in $url from then on.
start() {
  sallyport init --demo >/dev/null
  "$binary" serve --port 0 --metrics-port 0 >"$SALLYPORT_DATA/serve.txt" 2>&1 &
  server=$!
  until_true test -s "$SALLYPORT_DATA/demo.json"
  url=$(field url)
  export url
}

# A string of a JSON document: of demo.json, or with `-` of standard input.
field() { # name, [-]
  local file=$SALLYPORT_DATA/demo.json
  [[ ${2:-} != - ]] || file=/dev/stdin
  /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[2]))[sys.argv[1]])' \
    "$1" "$file"
}

# The status of a request. Credentials go through a file that only we can read, never as arguments.
status() { # key, user, password, curl's arguments
  local config=$SALLYPORT_DATA/request.curl
  (umask 077 && printf 'header = "x-api-key: %s"\nuser = "%s:%s"\n' "$1" "$2" "$3" >"$config")
  shift 3
  curl --silent --cacert "$SALLYPORT_DATA/tls/ca.pem" --config "$config" --output /dev/null \
    --write-out '%{http_code}' "$@"
}

expect() { # what, wanted, got
  [[ $2 == "$3" ]] || { echo "$1: expected $2, got $3" >&2; exit 1; }
  echo "$1: $3"
}
