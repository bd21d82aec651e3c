{{/*
Names of what is in no namespace. They are fixed, so that a release of the chart of sealed-secrets
keeps its objects. Where another release has them already, this one takes names of its own; that is
seen only by a Helm that talks to the cluster, and not by `helm template`.
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

{{- define "sealwright.clusterRoleBindingName" -}}
{{- $name := include "sealwright.fullname" . -}}
{{- $there := lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" $name -}}
{{- if eq (include "sealwright.isOthers" (dict "object" $there "context" .)) "true" -}}
{{- $name = printf "%s-%s" $name (include "sealwright.namespace" .) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* A role that the user brings has the name that is given. What a binding refers to is immutable. */}}
{{- define "sealwright.clusterRoleName" -}}
{{- $name := .Values.rbac.clusterRoleName -}}
{{- if .Values.rbac.clusterRole -}}
{{- $own := printf "%s-%s" $name (include "sealwright.ownSuffix" .) -}}
{{- $there := lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" $name -}}
{{- $binding := lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" (include "sealwright.clusterRoleBindingName" .) -}}
{{- $bound := dig "roleRef" "name" "" $binding -}}
{{- if or (eq $bound $own) (eq (include "sealwright.isOthers" (dict "object" $there "context" .)) "true") -}}
{{- $name = $own -}}
{{- end -}}
{{- end -}}
{{- $name -}}
{{- end -}}
