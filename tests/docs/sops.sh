# The same Secret in a file that SOPS encrypted.
age-keygen -o key.txt
cat > secret.enc.yaml <<'END'
apiVersion: v1
kind: Secret
metadata:
    name: db
    namespace: shop
stringData:
    password: hunter2
END
sops encrypt --in-place --encrypted-regex '^(data|stringData)$' --age "$(age-keygen -y key.txt)" \
  secret.enc.yaml
