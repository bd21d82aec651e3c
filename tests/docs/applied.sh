# A SealedSecret that is applied, shop/db.
kubectl create namespace shop
kubectl create secret generic db -n shop --from-literal=password=hunter2 --dry-run=client -o yaml |
  kubeseal --cert cert.pem -w sealed-db.yaml
kubectl apply -f sealed-db.yaml
kubectl -n shop wait --for=condition=Synced --timeout=60s sealedsecret/db
# Keys and cutoffs are dated to the second: what the reader does comes in a later one.
made=$(date +%s)
until [ "$(date +%s)" -gt "$made" ]; do sleep 0.1; done
