package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Admission is what only the webhook does. The zero value is what a file without the section says; WithDefaults puts
// numbers to it.
type Admission struct {
	Mode Mode
	// NoRatchet: an update is denied for what the object already had, too.
	NoRatchet bool
	// OnCreate is for an object that is created before what it refers to.
	OnCreate OnCreate
	// PendingGrace is how long what was admitted as pending is judged again; 0 means DefaultPendingGrace.
	PendingGrace time.Duration
	// LiveReads bounds the live reads a second by which denials are checked; 0 means DefaultLiveReads.
	LiveReads int
	// Guard is what the webhook does about changes of what others refer to.
	Guard Guard
}

// What a file means that names no numbers.
const (
	// DefaultPendingGrace is twice the five minutes after which Helm gives up waiting for an installation (--timeout).
	DefaultPendingGrace = 10 * time.Minute
	// DefaultLiveReads is for denials only, each of which rests on a handful of objects: about ten denials a second.
	DefaultLiveReads = 50
)

const (
	// minPendingGrace is how fine a clock there is: metadata.creationTimestamp has whole seconds.
	minPendingGrace = time.Second
	// maxPendingGrace is longer than any installation runs, queue and approval by hand included. What is missing for
	// longer than that is not on its way.
	maxPendingGrace = 24 * time.Hour
	// minLiveReads is one, because without any no absence can be confirmed, and nothing is denied for it.
	minLiveReads = 1
	// maxLiveReads keeps the webhook from crowding out others at the API server: a thousand reads a second of 5 ms each
	// hold 5 of its 400 seats for reads (--max-requests-inflight).
	maxLiveReads = 1000
)

// WithDefaults fills in what nobody set.
func (a Admission) WithDefaults() Admission {
	if a.PendingGrace == 0 {
		a.PendingGrace = DefaultPendingGrace
	}
	if a.LiveReads == 0 {
		a.LiveReads = DefaultLiveReads
	}
	return a
}

// Mode is what the webhook does about findings where no namespace says otherwise. It comes from ParseMode or is one of
// the constants, of which the zero value is the strictest: nobody's choice fails closed.
type Mode string

// The modes.
const (
	Enforce Mode = ""     // deny what is to be denied
	Warn    Mode = "warn" // admit, and say what would have been denied
	Off     Mode = "off"  // admit, and say nothing
)

func (m Mode) String() string {
	if m == Enforce {
		return "enforce"
	}
	return string(m)
}

// ParseMode reads a mode as files and namespace labels write it. With an error comes Enforce.
func ParseMode(s string) (Mode, error) {
	for _, m := range []Mode{Enforce, Warn, Off} {
		if s == m.String() {
			return m, nil
		}
	}
	return Enforce, fmt.Errorf("mode %q: want %s, %s or %s", clip(s), Enforce, Warn, Off)
}

// OnCreate is what the webhook does about an object that is created before what it refers to.
type OnCreate string

// The choices.
const (
	// Auto is Pending for objects that bear the marks of Helm, Argo CD or Flux, where a kind is installed by which what is
	// missing may come to be; Deny for all others.
	Auto    OnCreate = ""
	Deny    OnCreate = "deny"
	Pending OnCreate = "pending" // admit, warn, judge again
)

func (o OnCreate) String() string {
	if o == Auto {
		return "auto"
	}
	return string(o)
}

// Guard is what the webhook does about a change of a Secret, ConfigMap, ReferenceGrant or Service that breaks what live objects
// say of it.
type Guard string

// The choices.
const (
	GuardOff  Guard = "" // such changes are not looked at
	GuardWarn Guard = "warn"
	GuardDeny Guard = "deny" // where the mode is enforce
)

func (g Guard) String() string {
	if g == GuardOff {
		return "off"
	}
	return string(g)
}

// The section as it is written.
type (
	admission struct {
		Mode       mode                `key:"mode"`
		Ratchet    ratchet             `key:"ratchet"`
		References admissionReferences `key:"references"`
		LiveReads  liveReads           `key:"liveReads"`
		Guard      guard               `key:"guard"`
	}
	admissionReferences struct {
		OnCreate     onCreate     `key:"onCreate"`
		PendingGrace pendingGrace `key:"pendingGrace"`
	}
	mode         Mode
	ratchet      struct{ off bool }
	onCreate     OnCreate
	pendingGrace time.Duration
	liveReads    int
	guard        Guard
)

func (a admission) plain() Admission {
	return Admission{
		Mode: Mode(a.Mode), NoRatchet: a.Ratchet.off, OnCreate: OnCreate(a.References.OnCreate),
		PendingGrace: time.Duration(a.References.PendingGrace), LiveReads: int(a.LiveReads), Guard: Guard(a.Guard),
	}
}

func (m *mode) read(d *decoder, at kube.Path, n *yaml.Node) {
	if s, ok := d.oneOf(at, n, Enforce.String(), Warn.String(), Off.String()); ok {
		parsed, err := ParseMode(s)
		if err != nil {
			d.errorf(at, n, "%v", err)
		}
		*m = mode(parsed)
	}
}

func (o *onCreate) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, Auto.String(), Deny.String(), Pending.String())
	if s != Auto.String() {
		*o = onCreate(s)
	}
}

func (g *guard) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, GuardOff.String(), GuardWarn.String(), GuardDeny.String())
	if s != GuardOff.String() {
		*g = guard(s)
	}
}

func (r *ratchet) read(d *decoder, at kube.Path, n *yaml.Node) {
	if on, ok := d.boolean(at, n); ok {
		r.off = !on
	}
}

// boolean reads true or false, and reports what is neither.
func (d *decoder) boolean(at kube.Path, n *yaml.Node) (on, ok bool) {
	if on, ok = plainValue(n, "!!bool").(bool); ok {
		return on, true
	}
	hint := ""
	if n.ShortTag() == "!!str" {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on":
			hint = "; write true"
		case "false", "no", "off":
			hint = "; write false"
		}
	}
	d.errorf(at, n, "want true or false, got %s%s", describe(n), hint)
	return false, false
}

func (g *pendingGrace) read(d *decoder, at kube.Path, n *yaml.Node) {
	grace, err := time.ParseDuration(n.Value)
	switch {
	case err != nil || n.ShortTag() != "!!str":
		hint := ""
		if near, ok := nearDuration(n.Value); ok {
			hint = "; did you mean " + near + "?"
		}
		d.errorf(at, n, "want a duration such as 10m or 1h30m, got %s%s", describe(n), hint)
	case grace < minPendingGrace:
		d.errorf(at, n, "want at least 1s, because creation times are whole seconds, got %s; for no grace at all set onCreate: deny", clip(n.Value))
	case grace > maxPendingGrace:
		d.errorf(at, n, "want at most 24h, because what is missing after a day is not on its way, got %s", clip(n.Value))
	default:
		*g = pendingGrace(grace)
	}
}

var units = strings.NewReplacer(
	" ", "", "hours", "h", "hour", "h", "minutes", "m", "minute", "m", "mins", "m", "min", "m", "seconds", "s", "second", "s", "secs", "s", "sec", "s",
)

// nearDuration is the grace that was most likely meant: with the unit left out, seconds, as elsewhere in Kubernetes.
func nearDuration(s string) (string, bool) {
	if len(s) > len("1 hour 30 minutes 30 seconds") {
		return "", false
	}
	near := units.Replace(strings.ToLower(s))
	if _, err := strconv.Atoi(near); err == nil {
		near += "s"
	}
	grace, err := time.ParseDuration(near)
	return near, err == nil && near != s && minPendingGrace <= grace && grace <= maxPendingGrace
}

func (r *liveReads) read(d *decoder, at kube.Path, n *yaml.Node) {
	reads, ok := integer(n)
	switch {
	case !ok:
		hint := ""
		if _, err := strconv.Atoi(n.Value); err == nil && n.ShortTag() == "!!str" {
			hint = "; write it without quotes"
		}
		d.errorf(at, n, "want a whole number, got %s%s", describe(n), hint)
	case reads < minLiveReads:
		d.errorf(at, n, "want at least %d, because without live reads nothing is denied for what is missing, got %s", minLiveReads, clip(n.Value))
	case reads > maxLiveReads:
		d.errorf(at, n, "want at most %d, because more would crowd out others at the API server, got %s", maxLiveReads, clip(n.Value))
	default:
		*r = liveReads(reads)
	}
}

// integer reads a whole number; one too large for an int64 is the largest.
func integer(n *yaml.Node) (int64, bool) {
	switch v := plainValue(n, "!!int").(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return math.MaxInt64, true
	default:
		return 0, false
	}
}

// plainValue is what the YAML library makes of a scalar of that tag, nil where it is none.
func plainValue(n *yaml.Node, tag string) any {
	var value any
	if n.Kind != yaml.ScalarNode || n.ShortTag() != tag || n.Decode(&value) != nil {
		return nil
	}
	return value
}
