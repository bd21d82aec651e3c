# Secrets that somebody created by hand.
kubectl create namespace shop
kubectl -n shop create secret generic db --from-literal=username=admin --from-literal=password=hunter2
