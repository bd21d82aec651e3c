# The controller as the tutorial installs it, in the current context, and its certificate.
helm install sealed-secrets charts/sealwright -n kube-system \
  --set-string fullnameOverride=sealed-secrets-controller
kubectl -n kube-system rollout status deploy/sealed-secrets-controller
until kubeseal --fetch-cert -w cert.pem; do sleep 0.2; done
