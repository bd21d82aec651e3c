{{/*
What the controller may do, and nothing that it does not. A test withdraws each verb in turn.
*/}}

{{/* SealedSecrets and the Secrets made of them: everywhere, or in one namespace. */}}
{{- define "sealwright.rules.unsealer" -}}
- apiGroups: [bitnami.com]
  resources: [sealedsecrets]
  verbs: [get, list, watch]
- apiGroups: [bitnami.com]
  resources: [sealedsecrets/status]
  verbs: [update]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, delete]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/*
What it does in its own namespace besides. Keys, and events about them, are among the rights above
where these reach here.
*/}}
{{- define "sealwright.rules.keyAdmin" -}}
{{- if ne (include "sealwright.unsealsHere" .) "true" }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ .Values.secretName | quote }}]
  verbs: [get]
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch, create]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- end }}
{{- if .Values.leaderElection }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "sealwright.fullname" . | quote }}]
  verbs: [get, update]
{{- end }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [create]
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [sealed-secrets-cert]
  verbs: [get, update, delete]
{{- end -}}

{{/* What those who seal may do with the controller. */}}
{{- define "sealwright.rules.serviceProxier" -}}
{{- $fullname := include "sealwright.fullname" . -}}
- apiGroups: [""]
  resources: [services]
  resourceNames: [{{ $fullname | quote }}]
  verbs: [get]
- apiGroups: [""]
  resources: [services/proxy]
  resourceNames:
  - {{ printf "http:%s:" $fullname | quote }}
  - {{ printf "http:%s:http" $fullname | quote }}
  - {{ $fullname | quote }}
  {{- /* Asking for the certificate is get; having an object verified or sealed anew is create. */}}
  verbs: [{{ if not .Values.rbac.serviceProxier.certificateOnly }}create, {{ end }}get]
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [sealed-secrets-cert]
  verbs: [get]
{{- end -}}

{{/* The namespaces that have roles of their own instead of the ClusterRole. */}}
{{- define "sealwright.roleNamespaces" -}}
{{- $namespaces := list -}}
{{- if .Values.rbac.namespacedRoles -}}
{{- $namespaces = .Values.additionalNamespaces | default (list (include "sealwright.namespace" .)) -}}
{{- end -}}
{{- $namespaces | uniq | toYaml -}}
{{- end -}}

{{/* Whether the rights of the unsealer that this chart grants reach the controller's own namespace. */}}
{{- define "sealwright.unsealsHere" -}}
{{- $namespaces := include "sealwright.roleNamespaces" . | fromYamlArray -}}
{{- if .Values.rbac.namespacedRoles -}}
{{- has (include "sealwright.namespace" .) $namespaces -}}
{{- else -}}
{{- .Values.rbac.clusterRole -}}
{{- end -}}
{{- end -}}

{{/* Metadata of RBAC objects, which have labels of their own. */}}
{{- define "sealwright.rbacMetadata" -}}
{{- $_ := set . "labels" (list .context.Values.rbac.labels) -}}
{{- include "sealwright.metadata" . -}}
{{- end -}}

{{- define "sealwright.subject" -}}
- kind: ServiceAccount
  name: {{ include "sealwright.serviceAccountName" . | quote }}
  namespace: {{ include "sealwright.namespace" . | quote }}
{{- end -}}
