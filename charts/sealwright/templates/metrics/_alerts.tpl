{{/*
Two groups, for two kinds of people. What is wrong with the controller and its keys is for those who
run it. What is wrong with objects is for the namespace they are in, which is a label of the alert; it
is nothing to get anybody out of bed for.
*/}}
{{- define "sealwright.alerts" -}}
{{- $rule := .Values.metrics.prometheusRule -}}
{{- $fullname := include "sealwright.fullname" . -}}
{{- $place := printf "%s/%s" (include "sealwright.namespace" .) $fullname -}}
{{- $pods := printf "pod=~\"%s-.+\"" $fullname -}}
{{- $own := printf "{namespace=\"%s\",%s}" (include "sealwright.namespace" .) $pods -}}
{{- $namespace := include "sealwright.namespaceLabel" . -}}
{{- $of := printf "{{ $labels.%s }}" $namespace -}}
{{- $period := include "sealwright.scalar" .Values.keyrenewperiod | default "720h" -}}
{{- $renewal := include "sealwright.seconds" $period | float64 -}}
{{- $critical := include "sealwright.alertLabels" (dict "severity" "critical" "more" $rule.controllerLabels) -}}
{{- $warning := include "sealwright.alertLabels" (dict "severity" "warning" "more" $rule.controllerLabels) -}}
{{- $objects := include "sealwright.alertLabels" (dict "severity" "warning" "namespace" $namespace "more" $rule.objectLabels) -}}
- name: sealed-secrets-controller
  rules:
  - alert: SealedSecretsControllerDown
    expr: absent(sealed_secrets_controller_build_info{{ $own }})
    for: 10m
    labels:
      {{- $critical | nindent 6 }}
    annotations:
      summary: The sealed-secrets controller {{ $place }} is down
      description: >-
        Prometheus has not seen it for 10 minutes. Secrets that are there stay; no SealedSecret becomes
        a Secret, and nothing is sealed with its help.
  {{- if gt $renewal 0.0 }}
  - alert: SealedSecretsKeyOld
    expr: min(sealed_secrets_controller_newest_key_age_seconds{{ $own }}) > {{ mulf 1.5 $renewal | printf "%.0f" }}
    for: 1h
    labels:
      {{- $warning | nindent 6 }}
    annotations:
      summary: No new sealing key in {{ $place }}
      description: >-
        One is made every {{ $period }}, and the newest is {{ "{{ $value | humanizeDuration }}" }} old.
        The controller's log says why.
  {{- end }}
  - alert: SealedSecretsCertificateExpiring
    expr: max(sealed_secrets_controller_newest_key_expiry_timestamp_seconds{{ $own }}) - time() < {{ $rule.expiryDays }} * 86400
    for: 1h
    labels:
      {{- $warning | nindent 6 }}
    annotations:
      summary: The sealing certificate of {{ $place }} expires
      description: >-
        It holds for {{ "{{ $value | humanizeDuration }}" }} more, and kubeseal does not seal with one that
        has expired. What is sealed goes on opening. A new key brings a new certificate.
- name: sealed-secrets-objects
  rules:
  - alert: SealedSecretsErrors
    expr: sum by ({{ $namespace }}, reason) (increase(sealed_secrets_controller_unseal_errors_total{ {{- $pods -}} }[15m])) > 0
    labels:
      {{- $objects | nindent 6 }}
    annotations:
      summary: SealedSecrets in {{ $of }} do not become Secrets
      description: >-
        The reason is "{{ "{{ $labels.reason }}" }}". Status and events of the objects say more, see
        kubectl -n {{ $of }} get sealedsecrets
  {{- if not .Values.metricsOmitSecretLabels }}
  - alert: SealedSecretsNotSynced
    expr: count by ({{ $namespace }}) (max by ({{ $namespace }}, name) (sealed_secrets_controller_condition_info{condition="Synced", {{- $pods -}} }) < 0)
    for: 1h
    labels:
      {{- $objects | nindent 6 }}
    annotations:
      summary: SealedSecrets in {{ $of }} have not been in sync for an hour
      description: >-
        {{ "{{ $value }}" }} Secrets are missing, or not as they should be. Status and events of the
        SealedSecrets say why, see
        kubectl -n {{ $of }} get sealedsecrets
  {{- end }}
{{- end -}}

{{/* Prometheus renames a label that it sets itself, unless labels are honoured. */}}
{{- define "sealwright.namespaceLabel" -}}
{{- $metrics := .Values.metrics -}}
{{- $monitor := $metrics.serviceMonitor.enabled | ternary $metrics.serviceMonitor $metrics.podMonitor -}}
{{- $monitor.honorLabels | ternary "namespace" "exported_namespace" -}}
{{- end -}}

{{/* What Alertmanager routes by. */}}
{{- define "sealwright.alertLabels" -}}
{{- $labels := dict "severity" .severity -}}
{{- with .namespace }}{{- $_ := set $labels "namespace" (printf "{{ $labels.%s }}" .) -}}{{- end -}}
{{- mergeOverwrite $labels (.more | default dict) | toYaml -}}
{{- end -}}
