# The controller, in the current context, under the names that kubeseal looks for.
kubectl apply -f charts/sealwright/crds -f deploy/rbac.yaml -f deploy/controller.yaml
kubectl -n kube-system rollout status deploy/sealed-secrets-controller
until kubeseal --fetch-cert -w cert.pem; do sleep 0.2; done
