{{/*
Values that mean nothing here: mistakes, or left over. They are told and not refused, since values that
are there already must go on to install.
*/}}

{{/*
The names that values have, by the map in which they stand. Of other maps Kubernetes or the user says what
is in them. Helm keeps no such list; a test compares this one with values.yaml.
*/}}
{{- define "sealwright.knownValues" -}}
"": [
  acceptDeprecatedV1Data, additionalNamespaces, additionalVolumeMounts, additionalVolumes, affinity,
  allNamespaces, args, canary, command, commonAnnotations, commonLabels, containerPorts,
  containerSecurityContext, createController, customLivenessProbe, customReadinessProbe,
  customStartupProbe, dnsPolicy, enabled, extraArgs, extraContainers, extraDeploy, extraEnv,
  fullnameOverride, global, hostNetwork, hostPorts, hostUsers, image, ingress, keycutofftime,
  keyOrderPriority, keyrenewperiod, keySize, keyttl, kubeClientBurst, kubeClientQPS, kubeVersion,
  labelSelector, leaderElection, livenessProbe, logFormat, logInfoStdout, logLevel, maxRetries, metrics,
  metricsOmitSecretLabels, myCN, nameOverride, namespace, networkPolicy, nodeSelector, oldGCBehavior, pdb,
  podAnnotations, podLabels, podSecurityContext, priorityClassName, privateKeyAnnotations,
  privateKeyLabels, rateLimit, rateLimitBurst, rbac, readinessProbe, readTimeout, replicaCount, resources,
  revisionHistoryLimit, runtimeClassName, secretName, service, serviceAccount, skipRecreate, startupProbe,
  strategy, tags, tolerations, topologySpreadConstraints, updateStatus, watchForSecrets, writeTimeout]
canary: [enabled, labels, namespace, timeout]
containerPorts: [http, metrics]
hostPorts: [http, metrics]
image: [digest, pullPolicy, pullSecrets, registry, repository, tag]
ingress: [
  annotations, apiVersion, enabled, extraHosts, extraPaths, extraTls, hostname, ingressClassName, path,
  pathType, secrets, selfSigned, tls]
metrics: [dashboards, podMonitor, prometheusRule, service, serviceMonitor]
metrics.dashboards: [annotations, create, labels, namespace]
metrics.podMonitor: [
  annotations, enabled, honorLabels, interval, labels, metricRelabelings, namespace, relabelings,
  scrapeTimeout]
metrics.prometheusRule: [
  annotations, controllerLabels, enabled, expiryDays, extraGroups, groups, labels, namespace, objectLabels]
metrics.service: [annotations, labels, loadBalancerClass, nodePort, port, type]
metrics.serviceMonitor: [
  annotations, enabled, honorLabels, interval, labels, metricRelabelings, namespace, relabelings,
  scrapeTimeout]
networkPolicy: [egress, enabled]
networkPolicy.egress: [enabled, kubeapiCidr, kubeapiPort]
pdb: [create, maxUnavailable, minAvailable]
rbac: [
  aggregate, clusterRole, clusterRoleName, create, labels, namespacedRoles, namespacedRolesName,
  pspEnabled, serviceProxier]
rbac.serviceProxier: [bind, certificateOnly, create, subjects]
service: [annotations, labels, loadBalancerClass, nodePort, port, type]
serviceAccount: [annotations, create, labels, name]
{{- end -}}

{{/* A line for each. */}}
{{- define "sealwright.unknownValues" -}}
{{- $known := include "sealwright.knownValues" . | fromYaml -}}
{{- $values := .Values -}}
{{- $lines := list -}}
{{- range $place, $names := $known -}}
{{- $there := $values -}}
{{- range splitList "." $place | compact }}{{- $there = get ($there | default dict) . -}}{{- end -}}
{{- $prefix := empty $place | ternary "" (printf "%s." $place) -}}
{{- range $name, $_ := $there -}}
{{- if not (has $name $names) -}}
{{- $meant := include "sealwright.elsewhere" (dict "name" $name "known" $known) -}}
{{- if not $meant }}{{- with include "sealwright.nearest" (dict "name" $name "names" $names) }}{{- $meant = printf "%s%s" $prefix . -}}{{- end }}{{- end -}}
{{- $hint := empty $meant | ternary "" (printf " (did you mean %q?)" $meant) -}}
{{- $lines = append $lines (printf "WARNING: this chart has no value %q, and does nothing with it%s" (printf "%s%s" $prefix $name) $hint) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{/* The path of a name that stands in another map, and in no third. */}}
{{- define "sealwright.elsewhere" -}}
{{- $name := .name -}}
{{- $paths := list -}}
{{- range $place, $names := .known -}}
{{- if has $name $names }}{{- $paths = append $paths (printf "%s.%s" $place $name | trimPrefix ".") -}}{{- end -}}
{{- end -}}
{{- if eq (len $paths) 1 }}{{- first $paths -}}{{- end -}}
{{- end -}}

{{/* The nearest of the names, if two letters or a third are others at most; case and hyphens do not count. */}}
{{- define "sealwright.nearest" -}}
{{- $name := .name | lower | replace "-" "" -}}
{{- $least := max 3 (add1 (div (len $name) 3)) -}}
{{- $nearest := "" -}}
{{- range .names -}}
{{- if lt (sub (max (len $name) (len .)) (min (len $name) (len .))) $least -}}
{{- $distance := include "sealwright.distance" (dict "one" $name "other" (lower .)) | int64 -}}
{{- if lt $distance $least -}}
{{- $least = $distance -}}
{{- $nearest = . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $nearest -}}
{{- end -}}

{{/* How many letters have to be put in, taken out or changed (Levenshtein's distance, row by row). */}}
{{- define "sealwright.distance" -}}
{{- $other := splitList "" .other -}}
{{- $row := until (int (add1 (len $other))) -}}
{{- range splitList "" .one -}}
{{- $letter := . -}}
{{- $next := list (add1 (first $row)) -}}
{{- range $i, $its := $other -}}
{{- $changed := add (index $row $i) (eq $letter $its | ternary 0 1) -}}
{{- $next = append $next (min $changed (add1 (index $row (int (add1 $i)))) (add1 (last $next))) -}}
{{- end -}}
{{- $row = $next -}}
{{- end -}}
{{- last $row -}}
{{- end -}}
