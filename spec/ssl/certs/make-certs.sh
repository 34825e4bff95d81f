#!/bin/sh
# Makes the certificates of the specs, valid for a hundred years. They protect nothing: the keys are
# public. Run in this folder; needs openssl 3.
set -e
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# An authority, and a server that it vouches for.
key "$D/ca.key"
openssl req -x509 -new -utf8 -key "$D/ca.key" -days 36500 -set_serial 1 -subj '/CN=Spec Authority' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign -out ca.crt
key server.key
openssl req -new -key server.key -subj '/CN=localhost/O=Specs' -out "$D/server.csr"
echo 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' > "$D/server.ext"
openssl x509 -req -in "$D/server.csr" -CA ca.crt -CAkey "$D/ca.key" -set_serial 0x00abcdef0123 \
    -days 36500 -extfile "$D/server.ext" -out server.crt

# Every part of a name that Qt knows, one that is there twice and one without a short name.
cat > "$D/names.conf" <<'C'
oid_section=oids
[oids]
odd=1.2.3.4.5
[req]
distinguished_name=dn
x509_extensions=ext
string_mask=utf8only
utf8=yes
prompt=no
[dn]
O=Ünits, "quoted" = Co
CN=names.example
L=Oslo
0.OU=first
1.OU=second
C=NO
ST=Østlandet
dnQualifier=qualifier
serialNumber=4711
emailAddress=names@example.org
odd=unknown
[ext]
subjectAltName=@alt
[alt]
DNS.1=one.example
email.1=one@example.org
DNS.2=*.two.example
URI.1=https://three.example
IP.1=192.0.2.1
IP.2=2001:db8::1
C
key "$D/names.key"
openssl req -x509 -new -config "$D/names.conf" -key "$D/names.key" -days 36500 -set_serial 0x0f \
    -out names.crt

# One host whose name looks like two, and no subject at all.
cat > "$D/quoted.conf" <<'C'
[req]
distinguished_name=dn
x509_extensions=ext
prompt=no
[dn]
[ext]
subjectAltName=critical,@alt
[alt]
DNS.1=good.example, DNS:evil.example
DNS.2=plain.example
C
openssl req -x509 -new -config "$D/quoted.conf" -key "$D/names.key" -days 36500 -subj / \
    -out quoted.crt

# X.509 version 1 knows no extensions.
openssl req -new -key "$D/names.key" -subj '/O=Old' -out "$D/old.csr"
openssl x509 -req -in "$D/old.csr" -signkey "$D/names.key" -days 36500 -out version1.crt

# A public key for Diffie-Hellman, which Node's types cannot make.
openssl genpkey -genparam -algorithm DH -pkeyopt group:modp_1536 -out "$D/dh.params"
openssl genpkey -paramfile "$D/dh.params" | openssl pkey -pubout -out dh.pub
