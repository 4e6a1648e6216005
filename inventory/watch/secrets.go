package watch

import (
	"strings"

	"k8s.io/apimachinery/pkg/fields"
)

// SecretsMode says how much of Secrets is read. To list and watch Secrets is to be able to read all of them, whatever is
// kept afterwards; who does not want to grant that picks another mode.
type SecretsMode int

// SecretsNone: Secrets are not read at all, and every one is unknown; it is the zero value because it needs no
// permission. SecretsLive: one is read when a decision rests on it, none is listed. SecretsMetadata: listed, without
// their content. SecretsFull: listed, and their content read and dropped.
const (
	SecretsNone SecretsMode = iota
	SecretsLive
	SecretsMetadata
	SecretsFull
)

func (m SecretsMode) String() string { return [...]string{"none", "live", "metadata", "full"}[m] }

const secretKind = "Secret"

// leftOut are types of Secrets that are not listed: Helm keeps ten revisions of every release in them, each up to 1 MiB,
// and the others are credentials that no listener and no CA reference is meant to read.
//
// If something does refer to one of them, it seems absent in the inventory. That is fine at admission, where an absence is
// confirmed by a live read before anything is denied; the audit must confirm it likewise.
var leftOut = []string{
	"helm.sh/release.v1",
	"kubernetes.io/service-account-token",
	"bootstrap.kubernetes.io/token",
	"kubernetes.io/dockercfg",
	"kubernetes.io/dockerconfigjson",
}

// selector is the field selector for lists of a kind. The type of a Secret never changes, so that none moves into or out
// of the selection.
func selector(groupKind string) string {
	if groupKind != secretKind {
		return ""
	}
	terms := make([]string, 0, len(leftOut))
	for _, t := range leftOut {
		terms = append(terms, "type!="+fields.EscapeValue(t))
	}
	return strings.Join(terms, ",")
}
