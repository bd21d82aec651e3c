{{/*
What objects are called. A release of the chart of sealed-secrets keeps its names, labels and
selectors, so the name is sealed-secrets and not this chart's.
*/}}

{{- define "sealwright.name" -}}
{{- .Values.nameOverride | default "sealed-secrets" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sealwright.fullname" -}}
{{- $name := .Values.nameOverride | default "sealed-secrets" -}}
{{- $full := printf "%s-%s" .Release.Name $name -}}
{{- if .Values.fullnameOverride -}}
{{- $full = .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- $full = .Release.Name -}}
{{- end -}}
{{- $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of a Service has at most 63 characters. */}}
{{- define "sealwright.metricsName" -}}
{{- printf "%s-metrics" (include "sealwright.fullname" . | trunc 55 | trimSuffix "-") -}}
{{- end -}}

{{- define "sealwright.namespace" -}}
{{- .Values.namespace | default .Release.Namespace -}}
{{- end -}}

{{- define "sealwright.serviceAccountName" -}}
{{- $default := ternary (include "sealwright.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $default -}}
{{- end -}}

{{- define "sealwright.image" -}}
{{- $image := .Values.image -}}
{{- $name := $image.repository -}}
{{- with $image.registry }}{{- $name = printf "%s/%s" . $name -}}{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($image.tag | default .Chart.AppVersion | toString) -}}
{{- end -}}
{{- end -}}

{{/* Immutable in a Deployment: these two and no other. */}}
{{- define "sealwright.selector" -}}
app.kubernetes.io/name: {{ include "sealwright.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/*
Labels of an object: the standard ones, commonLabels, and those in the list `more`, of which the
later win. What is selected by stays. `name` is another value of app.kubernetes.io/name.
*/}}
{{- define "sealwright.labels" -}}
{{- $context := .context -}}
{{- $labels := dict
      "helm.sh/chart" (printf "%s-%s" $context.Chart.Name $context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
      "app.kubernetes.io/managed-by" $context.Release.Service
      "app.kubernetes.io/version" $context.Chart.AppVersion
      "app.kubernetes.io/part-of" "sealed-secrets"
-}}
{{- range prepend (.more | default list) $context.Values.commonLabels -}}
{{- $labels = mergeOverwrite $labels (include "sealwright.map" (dict "value" . "context" $context) | fromYaml) -}}
{{- end -}}
{{- $labels = mergeOverwrite $labels (include "sealwright.selector" $context | fromYaml) -}}
{{- with .name }}{{- $_ := set $labels "app.kubernetes.io/name" . -}}{{- end -}}
{{- include "sealwright.strings" $labels -}}
{{- end -}}

{{/* commonAnnotations and those in the list `more`, of which the later win. Empty without any. */}}
{{- define "sealwright.annotations" -}}
{{- $context := .context -}}
{{- $annotations := dict -}}
{{- range prepend (.more | default list) $context.Values.commonAnnotations -}}
{{- $annotations = mergeOverwrite $annotations (include "sealwright.map" (dict "value" . "context" $context) | fromYaml) -}}
{{- end -}}
{{- include "sealwright.strings" $annotations -}}
{{- end -}}

{{/*
Metadata of an object: `name`, the lists `labels` and `annotations`, and `namespace`, which is the
controller's unless another is given; with `everywhere` there is none.
*/}}
{{- define "sealwright.metadata" -}}
name: {{ .name | quote }}
{{- if not .everywhere }}
namespace: {{ .namespace | default (include "sealwright.namespace" .context) | quote }}
{{- end }}
labels:
  {{- include "sealwright.labels" (dict "context" .context "more" .labels "name" .label) | nindent 2 }}
{{- with include "sealwright.annotations" (dict "context" .context "more" .annotations) }}
annotations:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}
