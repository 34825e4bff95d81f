#!/bin/sh
# The stock ticker as four processes behind nginx, with a broker of its own: http://localhost:8080/.
# Ctrl+C ends all of it. Needs nginx, and nats-server or redis-server.
#
#   sh examples/stockticker/many.sh
#
# BROKER_URL takes another broker, PORT another port of nginx, PORTS those of the four processes.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PATH:/usr/sbin"
port=${PORT:-8080}
ports=${PORTS:-8081 8082 8083 8084}
broker_port=${BROKER_PORT:-8085}
unset PORT

folder=$(mktemp -d)
pids=
end() {
  trap - EXIT INT TERM
  # The newest first, so that no process misses its broker.
  for pid in $pids; do kill "$pid" 2>/dev/null && wait "$pid" || true; done
  rm -r "$folder"
}
trap end EXIT
trap 'exit 0' INT TERM

start() {
  "$@" &
  pids="$! $pids"
}

missing() {
  echo "There is no $1: apt-get install $1, or what your system has for that." >&2
  exit 1
}

command -v nginx >/dev/null || missing nginx
node tools/setup.mjs examples

if [ -z "${BROKER_URL:-}" ]; then
  if command -v nats-server >/dev/null; then
    start nats-server -a 127.0.0.1 -p "$broker_port" -js -sd "$folder/nats" -l "$folder/broker.log"
    BROKER_URL=nats://127.0.0.1:$broker_port
  elif command -v redis-server >/dev/null; then
    start redis-server --bind 127.0.0.1 --port "$broker_port" --save '' --logfile "$folder/broker.log"
    BROKER_URL=redis://127.0.0.1:$broker_port
  else
    missing nats-server
  fi
fi
export BROKER_URL

# The broker takes a moment to begin.
attempts=0
until node -e "const { hostname, port } = new URL(process.env.BROKER_URL);
  require('node:net').connect(port, hostname).on('connect', () => process.exit()).on('error', () => process.exit(1))"; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 50 ] || { echo "The broker $BROKER_URL does not listen." >&2; exit 1; }
  sleep 0.1
done

start node build/examples/stockticker/feeder.js
replacements="s|http {|http { client_body_temp_path $folder/1; proxy_temp_path $folder/2; fastcgi_temp_path $folder/3; uwsgi_temp_path $folder/4; scgi_temp_path $folder/5;|; s|127.0.0.1:8080|127.0.0.1:$port|"
number=1
for each in $ports; do
  start node build/examples/stockticker/main.js --port "$each"
  replacements="$replacements; s|127.0.0.1:808$number |127.0.0.1:$each |"
  number=$((number + 1))
done
sed "$replacements" docs/how-to/stockticker-nginx.conf >"$folder/nginx.conf"
start nginx -e stderr -c "$folder/nginx.conf" -g "daemon off; pid $folder/nginx.pid;"

echo "Behind nginx: http://localhost:$port/"
wait
