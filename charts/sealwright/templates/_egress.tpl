{{/*
The way to the API server: to the network that is given; else to its addresses, where Helm can ask the
cluster for them; else by its usual ports. Never a rule without ports, which would let everything out.
*/}}
{{- define "sealwright.egress" -}}
{{- $egress := .Values.networkPolicy.egress -}}
{{- $ports := list 443 6443 -}}
{{- with $egress.kubeapiPort }}{{- $ports = list . -}}{{- end -}}
{{- $networks := list -}}
{{- if $egress.kubeapiCidr -}}
{{- $networks = list $egress.kubeapiCidr -}}
{{- else -}}
{{- $slice := lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "kubernetes" -}}
{{- range $slice.endpoints -}}
{{- range .addresses -}}
{{- $networks = append $networks (printf "%s/%s" . (contains ":" . | ternary "128" "32")) -}}
{{- end -}}
{{- end -}}
{{- if and $slice.ports (not $egress.kubeapiPort) -}}
{{- $ports = list -}}
{{- range $slice.ports }}{{- $ports = append $ports .port -}}{{- end -}}
{{- end -}}
{{- end -}}
- ports:
  {{- range $ports }}
  - protocol: TCP
    port: {{ . }}
  {{- end }}
  {{- with $networks }}
  to:
  {{- range . }}
  - ipBlock:
      cidr: {{ . | quote }}
  {{- end }}
  {{- end }}
{{- end -}}
