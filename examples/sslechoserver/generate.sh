#!/bin/sh
# Makes localhost.cert and localhost.key anew, beside this file: sh generate.sh [DAYS]
#
# The certificate is for names of this computer only, signs no other, and is valid for a hundred
# years unless DAYS says otherwise; Safari takes none that is valid for more than 825.
# Needs openssl 3.
set -e
cd "$(dirname "$0")"

openssl req -x509 -newkey rsa:2048 -sha256 -nodes -days "${1:-36500}" \
    -subj '/O=qwebsockets examples/CN=localhost' \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' \
    -addext 'basicConstraints=critical,CA:FALSE' \
    -addext 'keyUsage=critical,digitalSignature,keyEncipherment' \
    -addext 'extendedKeyUsage=serverAuth' \
    -keyout localhost.key -out localhost.cert
