# The release, upgraded to this chart.
helm upgrade sealed-secrets charts/sealwright -n kube-system
kubectl -n kube-system rollout status deploy/sealed-secrets
