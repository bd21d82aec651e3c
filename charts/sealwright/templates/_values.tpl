{{/* How values are read. */}}

{{/* A value as YAML, with the templates in its strings carried out. */}}
{{- define "sealwright.render" -}}
{{- if kindIs "string" .value -}}
{{- tpl .value .context -}}
{{- else -}}
{{- tpl (toYaml .value) .context -}}
{{- end -}}
{{- end -}}

{{/* The same of a map; without one, an empty one. */}}
{{- define "sealwright.map" -}}
{{- if .value -}}
{{- include "sealwright.render" . -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{/* A map whose values have to be strings, which YAML may have read as something else. */}}
{{- define "sealwright.strings" -}}
{{- $lines := list -}}
{{- range $key, $value := . -}}
{{- $lines = append $lines (printf "%s: %s" $key (include "sealwright.scalar" $value | quote)) -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{/* A scalar as text. YAML's numbers arrive as floats, and a million would read 1e+06. */}}
{{- define "sealwright.scalar" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- else if not (kindIs "invalid" .) -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/* A map as the flags of the controller take it: k=v,k2=v2. */}}
{{- define "sealwright.pairs" -}}
{{- $pairs := list -}}
{{- range $key, $value := . -}}
{{- $pairs = append $pairs (printf "%s=%s" $key (include "sealwright.scalar" $value)) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* A duration of Go's, in seconds. */}}
{{- define "sealwright.seconds" -}}
{{- $sum := 0.0 -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 "us" 0.000001 "µs" 0.000001 "μs" 0.000001 "ns" 0.000000001 -}}
{{- range regexFindAll "[0-9.]+(ns|us|µs|μs|ms|s|m|h)" (toString .) -1 -}}
{{- $unit := regexFind "[a-zµμ]+" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (get $units $unit)) -}}
{{- end -}}
{{- printf "%.0f" $sum -}}
{{- end -}}

{{/* The version that decides which APIs there are. */}}
{{- define "sealwright.kubeVersion" -}}
{{- $global := .Values.global | default dict -}}
{{- $global.kubeVersion | default .Values.kubeVersion | default .Capabilities.KubeVersion.Version -}}
{{- end -}}

{{- define "sealwright.isAtLeast" -}}
{{- if semverCompare (printf ">=%s-0" .version) (include "sealwright.kubeVersion" .context) }}true{{ end -}}
{{- end -}}

{{/* What cannot be meant, with a word on what to do. Included by the first object of every release. */}}
{{- define "sealwright.check" -}}
{{- $values := .Values -}}
{{- if and (gt (int $values.replicaCount) 1) (not $values.leaderElection) -}}
{{- fail "replicaCount is over 1 and leaderElection is false: replicas would write against each other. Set leaderElection: true, or replicaCount: 1" -}}
{{- end -}}
{{- end -}}
