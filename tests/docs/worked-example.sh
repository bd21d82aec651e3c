# The parts of the worked example's value, from the vectors.
vectors="$REPOSITORY/crates/crypto/tests/vectors/v1.json"
text_of() { # line, field
  grep "^{\"name\": \"$1\"" "$vectors" | sed "s/.*\"$2\": \"\([^\"]*\)\".*/\1/"
}
printf '%b' "$(text_of rsa2048-a private_key_pem)" > key.pem
text_of v002 sealed | base64 -d | tail -c +3 | head -c 256 > session.bin
