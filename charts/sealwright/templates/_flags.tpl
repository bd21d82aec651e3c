{{/*
The controller's flags. Switches are always written, so that `false` means false; the rest only where
a value is given, and else the controller's own default counts.
*/}}
{{- define "sealwright.flags" -}}
{{- $values := .Values -}}
{{- $flags := list
      (list "key-prefix" $values.secretName)
      (list "key-size" $values.keySize)
      (list "key-ttl" $values.keyttl)
      (list "my-cn" $values.myCN)
      (list "key-renew-period" $values.keyrenewperiod)
      (list "key-cutoff-time" $values.keycutofftime)
      (list "key-order-priority" $values.keyOrderPriority)
      (list "privatekey-annotations" (include "sealwright.pairs" $values.privateKeyAnnotations))
      (list "privatekey-labels" (include "sealwright.pairs" $values.privateKeyLabels))
      (list "watch-for-secrets" ($values.watchForSecrets | default ""))
      (list "all-namespaces" (eq (include "sealwright.allNamespaces" .) "true"))
      (list "additional-namespaces" (join "," $values.additionalNamespaces))
      (list "label-selector" $values.labelSelector)
      (list "leader-election" $values.leaderElection)
      (list "lease-name" ($values.leaderElection | ternary (include "sealwright.fullname" .) ""))
      (list "accept-deprecated-v1-data" $values.acceptDeprecatedV1Data)
      (list "update-status" $values.updateStatus)
      (list "skip-recreate" $values.skipRecreate)
      (list "old-gc-behavior" $values.oldGCBehavior)
      (list "max-unseal-retries" $values.maxRetries)
      (list "listen-addr" (printf ":%s" (include "sealwright.scalar" $values.containerPorts.http)))
      (list "listen-metrics-addr" (printf ":%s" (include "sealwright.scalar" $values.containerPorts.metrics)))
      (list "read-timeout" $values.readTimeout)
      (list "write-timeout" $values.writeTimeout)
      (list "rate-limit" $values.rateLimit)
      (list "rate-limit-burst" $values.rateLimitBurst)
      (list "metrics-omit-secret-labels" $values.metricsOmitSecretLabels)
      (list "kubeclient-qps" $values.kubeClientQPS)
      (list "kubeclient-burst" $values.kubeClientBurst)
      (list "log-level" $values.logLevel)
      (list "log-format" $values.logFormat)
      (list "log-info-stdout" $values.logInfoStdout)
-}}
{{- $lines := list -}}
{{- range $flags -}}
{{- $value := include "sealwright.scalar" (index . 1) -}}
{{- if ne $value "" -}}
{{- $lines = append $lines (printf "--%s=%s" (index . 0) $value) -}}
{{- end -}}
{{- end -}}
{{- toYaml $lines -}}
{{- end -}}

{{/*
Whether every namespace is watched. With roles in namespaces and none that is named, the release's own
is what the roles are for.
*/}}
{{- define "sealwright.allNamespaces" -}}
{{- $isOwnOnly := and .Values.rbac.namespacedRoles (not .Values.additionalNamespaces) -}}
{{- and .Values.allNamespaces (not $isOwnOnly) -}}
{{- end -}}
