#!/usr/bin/env bash
# An outside developer, from nothing to the first request, and the end of a key.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
start

sallyport account create "Blue Ferry" --time-zone Europe/Rome >/dev/null
sallyport developer create dev@ferry.example --account "Blue Ferry" >/dev/null
sallyport application create "Ferry tickets" --account "Blue Ferry" >/dev/null
sallyport plan create Partner --open 'messaging:*' --rate 50 --quota 10000 --quota-period day \
  >/dev/null
sallyport subscription create --application "Ferry tickets" --plan Partner >/dev/null
made=$(sallyport key create --subscription "Ferry tickets" --json)
key=$(field key - <<<"$made")
id=$(field id - <<<"$made")

sallyport role create reader --account "Blue Ferry" --allow messaging:messages.list >/dev/null
password=$(sallyport user add anna --account "Blue Ferry" --role reader --generate --json |
  field password -)

expect "anna lists messages" 200 "$(status "$key" anna "$password" "$url/messages")"
expect "anna sends one" 403 "$(status "$key" anna "$password" -H 'Content-Type: application/json' \
  -d '{"to":"bo@example.com","subject":"s","body":"b"}' "$url/messages")"
echo "why: $(sallyport explain --method POST --host localhost --path /messages --key "$id" \
  --user anna | grep refuse)"

sallyport key revoke "$id" >/dev/null
expect "after the key was revoked" 403 "$(status "$key" anna "$password" "$url/messages")"
