{{- define "fullname" -}}
{{- $full := printf "%s-sealed-secrets" .Release.Name -}}
{{- if contains "sealed-secrets" .Release.Name }}{{ $full = .Release.Name }}{{ end -}}
{{- .Values.fullnameOverride | default $full -}}
{{- end -}}
{{- define "selector" -}}
app.kubernetes.io/name: sealed-secrets
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "labels" -}}
{{ include "selector" . }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/part-of: sealed-secrets
{{- end -}}
{{- define "unsealer" -}}
- {apiGroups: [bitnami.com], resources: [sealedsecrets], verbs: [get, list, watch]}
- {apiGroups: [bitnami.com], resources: [sealedsecrets/status], verbs: [update]}
- {apiGroups: [""], resources: [secrets], verbs: [get, list, create, update, delete, watch]}
- {apiGroups: [""], resources: [events], verbs: [create, patch]}
{{- with .Values.additionalNamespaces }}
- apiGroups: [""]
  resources: [namespaces]
  resourceNames: {{ toJson . }}
  verbs: [get]
{{- end }}
{{- end -}}
{{- define "account" -}}
- {kind: ServiceAccount, name: {{ include "fullname" . }}, namespace: {{ .Release.Namespace }}}
{{- end -}}
