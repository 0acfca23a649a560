#!/usr/bin/env bash
# The demo as a newcomer meets it: wrong answers at each door, then a message that arrives.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
start

demo() {
  curl -s --config "$SALLYPORT_DATA/demo/$1.curl" --output /dev/null --write-out '%{http_code}'
}
expect "a wrong key" 403 "$(demo wrong-key)"
expect "a wrong password" 401 "$(demo wrong-password)"
expect "a user who may only read" 403 "$(demo restricted)"
expect "everything right" 200 "$(demo ok)"
expect "a message" 202 "$(demo send)"

outbox=$(field outbox)
arrived() { compgen -G "$outbox/*.eml" >/dev/null; }
until_true arrived
echo "it lies in the outbox:"
grep -h '^Subject:' "$outbox"/*.eml
