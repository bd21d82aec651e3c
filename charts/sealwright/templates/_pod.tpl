{{/* What the pods of controller and test are made of. */}}

{{/* The fields of a map that have a value; a switch always has one. */}}
{{- define "sealwright.given" -}}
{{- $given := dict -}}
{{- range $field, $value := . -}}
{{- if or $value (kindIs "bool" $value) -}}
{{- $_ := set $given $field $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $given -}}
{{- end -}}

{{/* Fields of a pod's spec that may be left out. */}}
{{- define "sealwright.podFields" -}}
{{- $values := .Values -}}
{{- include "sealwright.given" (dict
      "affinity" $values.affinity
      "dnsPolicy" $values.dnsPolicy
      "hostNetwork" $values.hostNetwork
      "hostUsers" $values.hostUsers
      "imagePullSecrets" (include "sealwright.pullSecrets" . | fromYamlArray)
      "nodeSelector" $values.nodeSelector
      "priorityClassName" $values.priorityClassName
      "runtimeClassName" $values.runtimeClassName
      "securityContext" (include "sealwright.securityContext" $values.podSecurityContext | fromYaml)
      "serviceAccountName" (include "sealwright.serviceAccountName" .)
      "tolerations" $values.tolerations
      "topologySpreadConstraints" (include "sealwright.spread" . | fromYamlArray)
    ) -}}
{{- end -}}

{{/* The same of the controller's container, and its image. */}}
{{- define "sealwright.containerFields" -}}
{{- $values := .Values -}}
{{- $startup := dict "context" . "path" "/livez" "probe" $values.startupProbe "custom" $values.customStartupProbe -}}
{{- $liveness := dict "context" . "path" "/livez" "probe" $values.livenessProbe "custom" $values.customLivenessProbe -}}
{{- $readiness := dict "context" . "path" "/readyz" "probe" $values.readinessProbe "custom" $values.customReadinessProbe -}}
{{- include "sealwright.given" (dict
      "image" (include "sealwright.image" .)
      "imagePullPolicy" $values.image.pullPolicy
      "startupProbe" (include "sealwright.probe" $startup | fromYaml)
      "livenessProbe" (include "sealwright.probe" $liveness | fromYaml)
      "readinessProbe" (include "sealwright.probe" $readiness | fromYaml)
      "resources" $values.resources
      "securityContext" (include "sealwright.securityContext" $values.containerSecurityContext | fromYaml)
    ) -}}
{{- end -}}

{{- define "sealwright.pullSecrets" -}}
{{- $secrets := list -}}
{{- range .Values.image.pullSecrets -}}
{{- $secrets = append $secrets (kindIs "map" . | ternary . (dict "name" .)) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* Everything of a security context but `enabled`, which says whether there is one. */}}
{{- define "sealwright.securityContext" -}}
{{- .enabled | ternary (omit . "enabled") (dict) | toYaml -}}
{{- end -}}

{{/*
A probe: what is given of it, asking `path` unless something else is to be done; or, where it is
turned off, the custom one.
*/}}
{{- define "sealwright.probe" -}}
{{- $own := .probe.enabled | ternary (omit .probe "enabled") .custom -}}
{{- $probe := include "sealwright.map" (dict "value" $own "context" .context) | fromYaml -}}
{{- if and .probe.enabled (not (or $probe.httpGet $probe.exec $probe.tcpSocket $probe.grpc)) -}}
{{- $_ := set $probe "httpGet" (dict "path" .path "port" "http") -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end -}}

{{/* Where a constraint does not say whom it counts, it counts the controller's pods. */}}
{{- define "sealwright.spread" -}}
{{- $own := dict "labelSelector" (dict "matchLabels" (include "sealwright.selector" . | fromYaml)) -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $constraints = append $constraints (hasKey . "labelSelector" | ternary . (merge (dict) . $own)) -}}
{{- end -}}
{{- toYaml $constraints -}}
{{- end -}}
