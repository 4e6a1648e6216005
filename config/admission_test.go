package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/rule"
)

// admissions are texts of the section that Parse and the schema accept.
var admissions = map[string]Admission{
	"admission: {}": {},
	"admission: {mode: enforce, ratchet: true, references: {onCreate: auto}}": {},
	"admission: {references: {}}":                              {},
	"admission: {mode: warn}":                                  {Mode: Warn},
	"admission: {mode: off}":                                   {Mode: Off},
	"admission:\n  mode: \"off\"\n":                            {Mode: Off},
	"admission: {mode: !!str off}":                             {Mode: Off},
	"admission: {ratchet: false}":                              {NoRatchet: true},
	"admission: {ratchet: False}":                              {NoRatchet: true},
	"admission: {ratchet: TRUE}":                               {},
	"admission: {references: {onCreate: deny}}":                {OnCreate: Deny},
	"admission: {guard: off}":                                  {},
	"admission: {guard: warn}":                                 {Guard: GuardWarn},
	"admission: {guard: deny}":                                 {Guard: GuardDeny},
	"admission: {references: {onCreate: pending}}":             {OnCreate: Pending},
	"admission: {references: {pendingGrace: 10m}}":             {PendingGrace: DefaultPendingGrace},
	"admission: {references: {pendingGrace: 1s}}":              {PendingGrace: time.Second},
	"admission: {references: {pendingGrace: 24h}}":             {PendingGrace: 24 * time.Hour},
	"admission: {references: {pendingGrace: \"+1.5h.5m1.s\"}}": {PendingGrace: time.Hour + 30*time.Minute + 31*time.Second},
	"admission: {references: {pendingGrace: 1000000µs}}":       {PendingGrace: time.Second},
	"admission: {references: {pendingGrace: 1000000μs1ns}}":    {PendingGrace: time.Second + 1},
	"admission: {liveReads: 1}":                                {LiveReads: 1},
	"admission: {liveReads: +50}":                              {LiveReads: DefaultLiveReads},
	"admission: {liveReads: 0x3e8}":                            {LiveReads: 1000},
	"admission: {liveReads: !!int \"7\"}":                      {LiveReads: 7},
}

func TestAdmission(t *testing.T) {
	schema := compileSchema(t)
	for text, want := range admissions {
		c, err := Parse("f", []byte(text))
		if err != nil || c.Admission != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, c, err, want)
		}
		if err := schema.Validate(asJSON(t, []byte(text))); err != nil {
			t.Errorf("%s: the schema refuses it: %v", text, err)
		}
	}
}

// enforceFroms are texts that Parse and the schema accept, and when each begins to deny. A day of until is the last, one
// of enforceFrom the first.
var enforceFroms = map[string]time.Time{
	"2027-01-15":                  time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC),
	"'2027-01-15'":                time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC),
	"2027-01-15T18:00:00Z":        time.Date(2027, 1, 15, 18, 0, 0, 0, time.UTC),
	"2027-01-15T00:30:00.5+02:00": time.Date(2027, 1, 14, 22, 30, 0, 500_000_000, time.UTC),
}

func TestEnforceFrom(t *testing.T) {
	schema := compileSchema(t)
	for written, want := range enforceFroms {
		text := "actions: [{enforceFrom: " + written + ", rules: ['*'], action: deny}, {rules: ['*'], action: warn}]"
		c, err := Parse("f", []byte(text))
		wantActions := []rule.ActionSetting{
			{Rules: []string{"*"}, Action: rule.Deny, EnforceFrom: want}, {Rules: []string{"*"}, Action: rule.Warn},
		}
		if err != nil || !reflect.DeepEqual(c.Settings.Actions, wantActions) {
			t.Errorf("%s: got %+v, %v; want %+v", written, c, err, wantActions)
		}
		if err := schema.Validate(asJSON(t, []byte(text))); err != nil {
			t.Errorf("%s: the schema refuses it: %v", written, err)
		}
	}
}

func TestAdmissionWithDefaults(t *testing.T) {
	if got, want := (Admission{}).WithDefaults(), (Admission{
		Mode: Enforce, OnCreate: Auto, PendingGrace: 10 * time.Minute, LiveReads: 50,
	}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	set := Admission{Mode: Warn, NoRatchet: true, OnCreate: Deny, PendingGrace: time.Second, LiveReads: 1}
	if got := set.WithDefaults(); got != set {
		t.Errorf("got %+v, want %+v", got, set)
	}
}

func TestParseMode(t *testing.T) {
	for text, want := range map[string]Mode{"enforce": Enforce, "warn": Warn, "off": Off} {
		if got, err := ParseMode(text); got != want || err != nil || got.String() != text {
			t.Errorf("ParseMode(%s) = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "Off", "dryrun"} {
		got, err := ParseMode(text)
		if want := fmt.Sprintf("mode %q: want enforce, warn or off", text); got != Enforce || err == nil || err.Error() != want {
			t.Errorf("ParseMode(%q) = %s, %v; want enforce and %s", text, got, err, want)
		}
	}
}

// TestSchemaAdmission: the defaults and bounds that the schema shows are those of the code.
func TestSchemaAdmission(t *testing.T) {
	type value struct {
		Default          any
		Enum             []string
		Minimum, Maximum int
		Description      string
		Properties       map[string]value
	}
	var schema struct{ Properties map[string]value }
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	section := schema.Properties["admission"].Properties
	references := section["references"].Properties
	text := fmt.Sprintf("admission: {mode: %v, ratchet: %v, references: {onCreate: %v, pendingGrace: %v}, liveReads: %v}",
		section["mode"].Default, section["ratchet"].Default, references["onCreate"].Default, references["pendingGrace"].Default,
		section["liveReads"].Default)
	c, err := Parse("f", []byte(text))
	if err != nil || c.Admission != (Admission{}).WithDefaults() {
		t.Errorf("%s: got %+v, %v; want the defaults", text, c, err)
	}
	if want := []string{Enforce.String(), Warn.String(), Off.String()}; !reflect.DeepEqual(section["mode"].Enum, want) {
		t.Errorf("mode: got %v, want %v", section["mode"].Enum, want)
	}
	if want := []string{GuardOff.String(), GuardWarn.String(), GuardDeny.String()}; !reflect.DeepEqual(section["guard"].Enum, want) || section["guard"].Default != want[0] {
		t.Errorf("guard: got %v, default %v, want %v", section["guard"].Enum, section["guard"].Default, want)
	}
	if want := []string{Auto.String(), Deny.String(), Pending.String()}; !reflect.DeepEqual(references["onCreate"].Enum, want) {
		t.Errorf("onCreate: got %v, want %v", references["onCreate"].Enum, want)
	}
	if reads := section["liveReads"]; reads.Minimum != minLiveReads || reads.Maximum != maxLiveReads {
		t.Errorf("liveReads: got %d to %d, want %d to %d", reads.Minimum, reads.Maximum, minLiveReads, maxLiveReads)
	}
	if description := references["pendingGrace"].Description; !strings.Contains(description, "From 1s to 24h.") || minPendingGrace != time.Second || maxPendingGrace != 24*time.Hour {
		t.Errorf("pendingGrace: %q, want From %s to %s", description, minPendingGrace, maxPendingGrace)
	}
}
