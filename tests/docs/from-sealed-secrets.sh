# What their chart leaves in a cluster: a release of that name with its resources, a key, and a
# SealedSecret that was opened. This chart stands in for theirs, whose names and labels it has.
helm install sealed-secrets charts/sealwright -n kube-system
kubectl -n kube-system rollout status deploy/sealed-secrets
until kubeseal --fetch-cert -w cert.pem; do sleep 0.2; done
kubectl create namespace shop
kubectl create secret generic db -n shop --from-literal=password=hunter2 --dry-run=client -o yaml |
  kubeseal --cert cert.pem -w sealed-db.yaml
kubectl apply -f sealed-db.yaml
kubectl -n shop wait --for=condition=Synced --timeout=60s sealedsecret/db
