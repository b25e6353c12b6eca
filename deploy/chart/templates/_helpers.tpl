{{- define "kubeshark.selector" -}}
app.kubernetes.io/name: kubeshark
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Labels of an object; component is optional. */}}
{{- define "kubeshark.labels" -}}
app.kubernetes.io/name: kubeshark
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- range $key, $value := .root.Values.tap.labels }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* name, namespace, labels, annotations: {root, name, component?, annotations?, cluster?: true for objects without namespace} */}}
{{- define "kubeshark.metadata" -}}
name: {{ .name }}
{{- if not .cluster }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "kubeshark.labels" . | nindent 2 }}
{{- with merge (dict) .root.Values.tap.annotations (default (dict) .annotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* {root, component: worker|hub|front} */}}
{{- define "kubeshark.image" -}}
{{- $docker := .root.Values.tap.docker -}}
{{- $image := get $docker.overrideImage .component -}}
{{- if $image -}}
{{- $image -}}
{{- else -}}
{{- $tag := coalesce (get $docker.overrideTag .component) $docker.tag .root.Chart.AppVersion -}}
{{- printf "%s/%s:%s" (trimSuffix "/" $docker.registry) (ternary "front" "kubeshark" (eq .component "front")) $tag -}}
{{- end -}}
{{- end }}

{{/* What every pod has: {root, component, selectors: key in tolerations and nodeSelectorTerms} */}}
{{- define "kubeshark.pod" -}}
{{- $tap := .root.Values.tap -}}
{{- with $tap.docker.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $tap.priorityClass }}
priorityClassName: {{ . }}
{{- end }}
{{- with get $tap.tolerations .selectors }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with get $tap.nodeSelectorTerms .selectors }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        {{- toYaml . | nindent 8 }}
{{- end }}
{{- end }}

{{/* Before 1.19 the seccomp profile is an annotation. */}}
{{- define "kubeshark.seccompField" -}}
{{- if semverCompare ">=1.19.0-0" .Capabilities.KubeVersion.Version }}
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- end }}

{{/* Labels and annotations of a pod: {root, component, annotations?} */}}
{{- define "kubeshark.podMetadata" -}}
{{- $own := default (dict) .annotations -}}
{{- if semverCompare "<1.19.0-0" .root.Capabilities.KubeVersion.Version -}}
{{- $own = merge $own (dict "seccomp.security.alpha.kubernetes.io/pod" "runtime/default") -}}
{{- end -}}
labels:
  {{- include "kubeshark.selector" . | nindent 2 }}
  {{- with .root.Values.tap.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  # A mesh's sidecar would take the connections that have a TLS of their own.
  sidecar.istio.io/inject: "false"
{{- with merge (dict) .root.Values.tap.annotations $own }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Limits and requests without the empty ones. */}}
{{- define "kubeshark.resources" -}}
{{- range $kind := list "limits" "requests" }}
{{ $kind }}:
  {{- range $name := list "cpu" "memory" }}
  {{- $amount := get (get $ $kind) $name | toString }}
  {{- if not (has $amount (list "" "0")) }}
  {{ $name }}: {{ $amount | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Readiness by the probe's figures, liveness with six times the patience: {probe: values, get: the httpGet} */}}
{{- define "kubeshark.probes" -}}
readinessProbe:
  httpGet: {{ .get | toJson }}
  initialDelaySeconds: {{ .probe.initialDelaySeconds }}
  periodSeconds: {{ .probe.periodSeconds }}
  timeoutSeconds: 3
  successThreshold: {{ .probe.successThreshold }}
  failureThreshold: {{ .probe.failureThreshold }}
livenessProbe:
  httpGet: {{ .get | toJson }}
  initialDelaySeconds: {{ .probe.initialDelaySeconds }}
  periodSeconds: {{ .probe.periodSeconds }}
  timeoutSeconds: 5
  failureThreshold: {{ mul 6 .probe.failureThreshold }}
{{- end }}

{{/*
Certificates and token, made once a rendering (they are random, and both the Secrets and the checksums need them) and kept over upgrades.
The CA's key is thrown away: a lost certificate means three new ones. Kept in .Values, which all templates of a rendering share.
*/}}
{{- define "kubeshark.secrets" -}}
{{- if not (hasKey .Values "rendered") -}}
{{- $namespace := .Release.Namespace -}}
{{- $kept := dict -}}
{{- if .Release.IsUpgrade -}}
{{- range $name := list "kubeshark-tls-worker" "kubeshark-tls-hub" "kubeshark-hub-token" -}}
{{- $_ := set $kept $name (lookup "v1" "Secret" $namespace $name).data -}}
{{- end -}}
{{- end -}}
{{- $worker := get $kept "kubeshark-tls-worker" -}}
{{- $hub := get $kept "kubeshark-tls-hub" -}}
{{- if not (and $worker $hub) -}}
{{- $days := 3650 -}}
{{- $ca := genCA "kubeshark" $days -}}
{{- $hubNames := list "kubeshark-hub" (printf "kubeshark-hub.%s" $namespace) (printf "kubeshark-hub.%s.svc" $namespace) (printf "kubeshark-hub.%s.svc.cluster.local" $namespace) -}}
{{- $of := genSignedCert "kubeshark-worker" nil (list "kubeshark-worker") $days $ca -}}
{{- $worker = dict "ca.crt" (b64enc $ca.Cert) "tls.crt" (b64enc $of.Cert) "tls.key" (b64enc $of.Key) -}}
{{- $of = genSignedCert "kubeshark-hub" nil $hubNames $days $ca -}}
{{- $hub = dict "ca.crt" (b64enc $ca.Cert) "tls.crt" (b64enc $of.Cert) "tls.key" (b64enc $of.Key) -}}
{{- end -}}
{{- $token := get $kept "kubeshark-hub-token" -}}
{{- if not $token -}}
{{- $token = dict "token" (randAlphaNum 43 | b64enc) -}}
{{- end -}}
{{- $_ := set .Values "rendered" (dict "worker" $worker "hub" $hub "token" $token) -}}
{{- end -}}
{{- end }}

{{/* A size as the schema allows it, in mebibytes. */}}
{{- define "kubeshark.mebibytes" -}}
{{- $unit := regexFind "[MGT]i$" . -}}
{{- mul (trimSuffix $unit . | int64) (get (dict "Mi" 1 "Gi" 1024 "Ti" 1048576) $unit) -}}
{{- end }}
