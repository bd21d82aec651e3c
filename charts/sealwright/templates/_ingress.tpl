{{/* The API that is asked for, unless this Kubernetes has it no longer; else the newest that it has. */}}
{{- define "sealwright.ingressVersion" -}}
{{- $stable := "networking.k8s.io/v1" -}}
{{- if include "sealwright.isAtLeast" (dict "version" "1.22" "context" .) -}}
{{- contains "beta" .Values.ingress.apiVersion | ternary $stable (.Values.ingress.apiVersion | default $stable) -}}
{{- else if .Values.ingress.apiVersion -}}
{{- .Values.ingress.apiVersion -}}
{{- else if include "sealwright.isAtLeast" (dict "version" "1.19" "context" .) -}}
{{- $stable -}}
{{- else -}}
networking.k8s.io/v1beta1
{{- end -}}
{{- end -}}

{{/* A path that leads to the controller. */}}
{{- define "sealwright.ingressPath" -}}
{{- $service := include "sealwright.fullname" .context -}}
- path: {{ .path.path | default "/" | quote }}
  {{- if include "sealwright.isAtLeast" (dict "version" "1.18" "context" .context) }}
  pathType: {{ .path.pathType | default "ImplementationSpecific" | quote }}
  {{- end }}
  backend:
    {{- if eq .version "networking.k8s.io/v1" }}
    service:
      name: {{ $service | quote }}
      port:
        name: http
    {{- else }}
    serviceName: {{ $service | quote }}
    servicePort: http
    {{- end }}
{{- end -}}
