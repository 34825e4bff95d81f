#!/bin/sh
# Makes the certificates of the specs, valid for a hundred years. They protect nothing: the keys are
# public. Run in this folder; needs openssl 3.
set -e
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
sign() { # name subject issuer extensions
    openssl req -new -key "$D/$1.key" -subj "$2" -out "$D/$1.csr"
    printf '%s\n' "$4" > "$D/$1.ext"
    openssl x509 -req -in "$D/$1.csr" -CA "$D/$3.crt" -CAkey "$D/$3.key" -days 36500 \
        -extfile "$D/$1.ext" -out "$D/$1.crt"
}

key "$D/root.key"
openssl req -x509 -new -key "$D/root.key" -days 36500 -subj '/CN=Spec Root' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign -out "$D/root.crt"
for name in upper lower deep names; do key "$D/$name.key"; done

# A server with two authorities between itself and the root.
CA='basicConstraints=critical,CA:TRUE
keyUsage=keyCertSign'
sign upper '/CN=Upper' root "$CA"
sign lower '/CN=Lower' upper "$CA"
sign deep '/CN=localhost' lower 'subjectAltName=DNS:localhost,IP:127.0.0.1'
cat "$D/deep.crt" "$D/lower.crt" "$D/upper.crt" > deep.crt

# A server with an international name, a whole domain and the address ::1, but not 127.0.0.1.
sign names '/CN=127.0.0.1' root \
    'subjectAltName=DNS:xn--bcher-kva.example,DNS:*.wild.example,DNS:localhost,IP:::1'
cp "$D/root.crt" "$D/deep.key" "$D/names.crt" "$D/names.key" .
