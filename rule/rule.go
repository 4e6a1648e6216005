// Package rule holds the nouns of a verdict: what a rule says of itself, what it found, and what is done about it. The
// engine makes them, every door and report reads them; nothing here evaluates anything.
package rule

import (
	"fmt"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// Severity says how bad a defect is; it belongs to the rule. The zero value is the gravest, so that a severity nobody
// set hides nothing.
type Severity int

// Error: traffic or trust is broken or open. Warning: it may be, or will be. Info: worth knowing.
const (
	Error Severity = iota
	Warning
	Info
)

var severityNames = []string{"error", "warning", "info"}

func (s Severity) String() string { return severityNames[s] }

// ParseSeverity reads what String writes.
func ParseSeverity(s string) (Severity, error) { return parse[Severity]("severity", severityNames, s) }

// Action says what a door does about a finding; it belongs to the operator. The zero value is Deny: nobody's choice
// fails closed.
type Action int

// Deny refuses the object and fails the lint run; Warn shows a warning; Note is shown and counted, nothing more; Off
// drops the finding.
const (
	Deny Action = iota
	Warn
	Note
	Off
)

var actionNames = []string{"deny", "warn", "note", "off"}

func (a Action) String() string { return actionNames[a] }

// ParseAction reads what String writes.
func ParseAction(s string) (Action, error) { return parse[Action]("action", actionNames, s) }

// ActionFor is the action a severity has where neither profile nor config says otherwise.
func ActionFor(s Severity) Action { return Action(s) }

// Door is one of the ways in which objects come to be reviewed.
type Door string

// The doors. A rule that needs what only one of them can know names it in its metadata.
const (
	DoorAdmission Door = "admission"
	DoorLint      Door = "lint"
	DoorAudit     Door = "audit"
)

// Reach says what a rule may do at admission.
type Reach string

// Judge: evaluated and acted upon. Guard: only in the opt-in webhook for referenced kinds. None: lint and audit only.
const (
	Judge Reach = "judge"
	Guard Reach = "guard"
	None  Reach = "none"
)

// Definition is what a rule's folder says of the rule: its id from the place it stands in, the rest from its metadata.
type Definition struct {
	ID        string // <provider>/<rule>, the folder
	Title     string // names the defect, so that a report reads as a sentence
	Rationale string // Markdown: what happens at run time, for whom, and when it is fine to turn the rule off
	Severity  Severity
	// Profiles overrides, by profile name, the action that the severity would have.
	Profiles map[string]Action
	// Kinds are the kinds judged, as kube.GroupKind writes them; "*" is every kind any provider describes.
	Kinds []string
	// Controllers are those whose behaviour the rule describes; empty means it holds whoever acts.
	Controllers []string
	Doors       []Door
	Admission   Reach
	References  []Reference
	Since       string
	// History is what versions of its rulebook changed about the rule, oldest first; none where the rulebook has no versions.
	History []Change
	// Pin is the version that the operator has pinned the rule's rulebook to, zero if none.
	Pin Version
	// Triggers are fields of which an object must have one for the rule to judge it; none means every object of its kinds.
	Triggers []kube.Pattern
	// TriggeredByReferences adds the fields by which objects of a kind refer to certificates.
	TriggeredByReferences bool
	// TriggeredBySource adds the defects of an object's text; for rules of lint.
	TriggeredBySource bool
	// BlamesTarget: a finding is about what the object refers to, and a door that has the target's text says it there.
	BlamesTarget bool
	// Default marks a rule whose fix the mutating door applies as a default value.
	Default bool
	// Unknown marks a rule whose findings say that something could not be judged; reports count them apart.
	Unknown    bool
	Parameters map[string]Parameter
}

// Docs is where the rule's generated page stands in the repository.
func (d Definition) Docs() string { return "docs/rules/" + d.ID + ".md" }

// Reference is a place to read more.
type Reference struct{ Description, URL string }

// Parameter is a value an operator may set for a rule.
type Parameter struct {
	Description string
	Default     any // JSON shape
	// Values are the only ones it may have; none means any of the default's type.
	Values []string
}

// Finding is one defect of one object. Position is filled in by doors that have a text; everything else is the same at
// every door.
type Finding struct {
	Rule     string
	Severity Severity
	Action   Action
	Object   kube.ID
	Version  string // of the object's apiVersion
	Path     kube.Path
	At       kube.Position
	// End is the column after the last character that the finding is about, on the line it is at; 0 where that cannot be told.
	End int
	// Fingerprint tells the finding again in another run, "" until SetFingerprints has been called.
	Fingerprint string
	// Message says what is wrong, Effect what happens at run time because of it, Remedy how to mend it. Message and
	// Effect are clauses that join as "<Effect>, because <Message>".
	Message, Effect, Remedy string
	// Assumed tells on what assumption about the acting controller the finding rests, as a clause that completes
	// "assuming ..."; empty if the controller is known.
	Assumed string
	Related []Related
	Fix     *Fix
	// Subject is the object a reference of this finding leads to, "" in all fields if there is none. Doors that judge
	// many objects say the same thing about the same subject once.
	Subject kube.ID
	// SubjectKey is the entry of the subject that is wrong: the one that the reference reads, unless the rule names another.
	// BlamesTarget is the rule's.
	SubjectKey   string
	BlamesTarget bool
	// Unknown: the finding says that something could not be judged.
	Unknown bool
	// EnforceFrom is when this warning becomes a denial, zero if it does not.
	EnforceFrom time.Time
	// Since is the version of the rulebook that brought it, where the rule says so of its findings one by one. Ahead is the version
	// by which it is new to a rulebook that is pinned, so that it is a note; zero if it is not.
	Since, Ahead Version
	// Existing: the object that an update replaces had the same finding, so that it warns at most.
	Existing bool
	// Missing: what the finding's reference leads to is not there, or nothing permits the reference. It may still come.
	Missing bool
	// Defaulted: it speaks about a value that tlsward itself has set, so that it warns at most.
	Defaulted bool
	// Mandatory: only the config may suppress it.
	Mandatory bool
	// Suppression is set for what does not count; such findings stand in lists of their own.
	Suppression *Suppression
	// Unheeded says, as a clause, why what was meant to suppress the finding does not; "" where nothing was.
	Unheeded string
}

// Headline is the sentence that stands alone: effect first, where there is one.
func (f Finding) Headline() string {
	if f.Effect == "" {
		return f.Message
	}
	return f.Effect + ", because " + f.Message
}

// Related is another object, or another place, that has to do with a finding.
type Related struct {
	Object  kube.ID
	Path    kube.Path
	At      kube.Position
	Message string
}

// Fix mends a finding. Safe fixes keep the meaning or restore the evidently intended one; others need a decision.
type Fix struct {
	Title string
	Safe  bool
	Edits []kube.Edit
}

// Decision is the verdict on one object. An error is not a Decision, and the zero Decision is that of a clean object.
type Decision struct {
	Findings []Finding
	// Suppressed are findings that an exemption of the operator's covers, or the object's own annotation.
	Suppressed []Finding
	// Edits are the fixes of the rules marked as defaults.
	Edits []kube.Edit
	// Peers are the objects that share something with a denied one: what else its defect may hit.
	Peers []kube.ID
	// SelfPromised: a reference rests on what the object itself has made, and it is not certain that what is read of it will
	// be there.
	SelfPromised bool
	// Turns is the first moment at which the clock alone may make it another one, zero if there is none. It is told to who asks.
	Turns time.Time
	// Certificates are those that the object refers to. They are told to who asks.
	Certificates []Certificate
}

// Certificate is what a reference of an object leads to, as far as the clock matters: of a chain the first, of a bundle that is
// trusted the one that ends last.
type Certificate struct {
	// Role is the reference's, Target and Key are where it leads to.
	Role   string
	Target kube.ID
	Key    string
	// CA: it is trusted, rather than shown.
	CA                  bool
	NotBefore, NotAfter time.Time
	// Due is when it should have been renewed or followed by another: a tenth of the lifetime after the renewal that its producer
	// is known to begin, else 30 days or a quarter of the lifetime before its end, whichever is less.
	Due time.Time
}

// Denied reports whether a door must refuse the object.
func (d Decision) Denied() bool {
	for _, f := range d.Findings {
		if f.Action == Deny {
			return true
		}
	}
	return false
}

// Settings is what an operator may decide about rules, the same for every door.
type Settings struct {
	// Profile names the set of default actions; "" is "default".
	Profile string
	// Actions are applied in order, the last match wins.
	Actions []ActionSetting
	// Parameters holds, by rule id and parameter name, values that replace the defaults. JSON shape.
	Parameters map[string]map[string]any
	Exemptions []Exemption
	// AnnotationExemptions has an object's own IgnoreAnnotation count.
	AnnotationExemptions bool
	// Only and Skip are globs over rule ids; an empty Only means every rule.
	Only, Skip []string
}

// ActionSetting sets the action of the rules and namespaces its globs match; no namespaces means all.
type ActionSetting struct {
	Rules, Namespaces []string
	Action            Action
	// EnforceFrom, if not zero, is when a Deny begins to deny; until then it is a Warn that names the time.
	EnforceFrom time.Time
	// Mandatory: neither comment, annotation nor baseline suppresses what these rules find.
	Mandatory bool
}

// Exemption excuses objects from rules for a reason and, if Until is not zero, up to that instant.
type Exemption struct {
	Rules, Objects []string // globs over rule ids, and over "Kind namespace/name" as kube.ID.String writes it
	Reason         string
	Until          time.Time
}

func parse[T ~int](what string, names []string, s string) (T, error) {
	for i, name := range names {
		if name == s {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("%s %q: want one of %v", what, s, names)
}
