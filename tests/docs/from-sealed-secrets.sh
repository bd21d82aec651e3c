# What their chart leaves in a cluster: a release with its names, labels and selectors, a key, and a
# SealedSecret that was opened.
helm install sealed-secrets "$REPOSITORY/tests/chart/upstream-like" -n kube-system
kubectl -n kube-system rollout status deploy/sealed-secrets
until kubeseal --fetch-cert -w cert.pem; do sleep 0.2; done
kubectl create namespace shop
kubectl create secret generic db -n shop --from-literal=password=hunter2 --dry-run=client -o yaml |
  kubeseal --cert cert.pem -w sealed-db.yaml
kubectl apply -f sealed-db.yaml
kubectl -n shop wait --for=condition=Synced --timeout=60s sealedsecret/db
