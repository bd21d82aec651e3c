{{/*
Names of what is in no namespace, or in a namespace that several releases have roles in. They are fixed, so
that a release of the chart of sealed-secrets keeps its objects. Where another release has them already,
this one takes names of its own; that is seen only by a Helm that talks to the cluster, and not by
`helm template`.
*/}}

{{/* Whether a looked-up object is there and belongs to another release, or to none. */}}
{{- define "sealwright.isOthers" -}}
{{- if .object -}}
{{- $annotations := .object.metadata.annotations | default dict -}}
{{- $owner := printf "%s/%s" (get $annotations "meta.helm.sh/release-namespace") (get $annotations "meta.helm.sh/release-name") -}}
{{- ne $owner (printf "%s/%s" .context.Release.Namespace .context.Release.Name) -}}
{{- end -}}
{{- end -}}

{{- define "sealwright.ownSuffix" -}}
{{- printf "%s-%s" (include "sealwright.namespace" .) (include "sealwright.fullname" .) -}}
{{- end -}}

{{/* The binding that gives the controller its rights in a namespace, or everywhere if that is empty. */}}
{{- define "sealwright.bindingName" -}}
{{- $name := include "sealwright.fullname" .context -}}
{{- $kind := empty .namespace | ternary "ClusterRoleBinding" "RoleBinding" -}}
{{- $there := lookup "rbac.authorization.k8s.io/v1" $kind .namespace $name -}}
{{- if eq (include "sealwright.isOthers" (dict "object" $there "context" .context)) "true" -}}
{{- $name = printf "%s-%s" $name (include "sealwright.namespace" .context) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* The role in it, which would be called `name`. What a binding refers to is immutable. */}}
{{- define "sealwright.roleName" -}}
{{- $name := .name -}}
{{- $kind := empty .namespace | ternary "ClusterRole" "Role" -}}
{{- $own := printf "%s-%s" $name (include "sealwright.ownSuffix" .context) -}}
{{- $there := lookup "rbac.authorization.k8s.io/v1" $kind .namespace $name -}}
{{- $binding := lookup "rbac.authorization.k8s.io/v1" (printf "%sBinding" $kind) .namespace (include "sealwright.bindingName" .) -}}
{{- $bound := dig "roleRef" "name" "" $binding -}}
{{- if or (eq $bound $own) (eq (include "sealwright.isOthers" (dict "object" $there "context" .context)) "true") -}}
{{- $name = $own -}}
{{- end -}}
{{- $name -}}
{{- end -}}
