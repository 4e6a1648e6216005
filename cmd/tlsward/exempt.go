package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

type exemptFlags struct{ from, object, reason, until, now string }

func exemptCommand(s streams) *cobra.Command {
	var f exemptFlags
	cmd := &cobra.Command{
		Use:   "exempt DECISION",
		Short: "Write the exemption for a denial, as YAML for the config",
		Long: `Write the exemption for a denial of the webhook, as YAML for the config. DECISION is the id that the denial ends with.

It is looked for in what --from names, or standard input has: the webhook's log, or the text of the denial as kubectl shows it. That text does
not name the object, so that --object does. The cluster is not asked, and nothing is changed.`,
		Example: "  kubectl logs -n tlsward -l app.kubernetes.io/name=tlsward --tail=-1 | tlsward exempt 1c2d3e4f --reason 'moves in spring' --until 2027-03-31\n" +
			"  tlsward exempt 1c2d3e4f --from denial.txt --object 'Ingress shop/web' --reason 'moves in spring'",
		Args: arguments(1, 1, "the id of a decision"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.run(args[0], s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", manifest.Stdin, "file with the webhook's log or the text of the denial; - is standard input")
	flags.StringVar(&f.object, "object", "", "the object, as in \"Ingress shop/web\": for the text of a denial")
	flags.StringVar(&f.reason, "reason", "", "why it is excused; everybody who reads the config sees it")
	flags.StringVar(&f.until, "until", "", "last day on which it counts, as in 2027-03-31 (default: no end)")
	flags.StringVar(&f.now, "now", "", "write it as of this time (RFC 3339) or date, instead of the clock")
	return cmd
}

// denial is what is known of a decision: the rules that denied, and of what.
type denial struct {
	rules  []string
	object string
	// seen: the decision is there, and denied nothing perhaps.
	seen bool
}

func (f *exemptFlags) run(id string, s streams) error {
	if strings.TrimSpace(f.reason) == "" {
		return errors.New("--reason: want the reason of the exemption")
	}
	now, err := (&common{now: f.now}).clock()
	if err != nil {
		return err
	}
	in := s.in
	if f.from != manifest.Stdin {
		file, err := os.Open(f.from)
		if err != nil {
			return fmt.Errorf("--from %s: %w", f.from, manifest.Cause(err))
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	d, err := findDenial(in, id)
	if err != nil {
		return err
	}
	if f.object != "" {
		if err := rule.CheckObject(f.object); err != nil {
			return fmt.Errorf("--object: %w", err)
		}
		d.object = f.object
	}
	switch {
	case len(d.rules) == 0 && d.seen:
		return fmt.Errorf("decision %s: it denied nothing that an exemption could excuse", id)
	case len(d.rules) == 0:
		return fmt.Errorf("decision %s: not in what was read: want the webhook's log, or the text of the denial", id)
	case d.object == "":
		return fmt.Errorf("decision %s: the text of a denial does not name the object: want --object \"Kind namespace/name\"", id)
	}
	return f.write(s.out, id, d, now)
}

func (f *exemptFlags) write(w io.Writer, id string, d denial, now time.Time) error {
	type exemption struct {
		Rules   []string `yaml:"rules,flow"`
		Objects []string `yaml:"objects,flow"`
		Reason  string   `yaml:"reason"`
	}
	if strings.ContainsAny(f.until, "\n\r") {
		return errors.New("--until: want one line")
	}
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string][]exemption{"exemptions": {{d.rules, []string{d.object}, f.reason}}}); err != nil {
		return err
	}
	text := "# decision " + id + "\n" + b.String()
	if f.until != "" {
		text += "    until: " + f.until + "\n"
	}
	// What the config would refuse is refused here.
	written, err := config.Parse("exemption", []byte(text))
	if err != nil {
		return fmt.Errorf("not an exemption: %w", err)
	}
	if until := written.Settings.Exemptions[0].Until; !until.IsZero() && until.Before(now) {
		return fmt.Errorf("--until %s: it is over, and the exemption would excuse nothing", f.until)
	}
	_, err = io.WriteString(w, text)
	return err
}

const (
	// maxLogLine bounds one line of a log: a decision has at most some dozen findings of a few hundred bytes.
	maxLogLine = 1 << 20
	// maxLog bounds what is read in all: the log of days.
	maxLog = 1 << 30
)

// findDenial looks for a decision in a log or in the text of a denial.
func findDenial(in io.Reader, id string) (denial, error) {
	var d denial
	if !decisionPattern().MatchString(id) {
		return d, fmt.Errorf("decision %q: want the id at the end of the denial, as in 1c2d3e4f", id)
	}
	lines := bufio.NewScanner(io.LimitReader(in, maxLog))
	lines.Buffer(nil, maxLogLine)
	for lines.Scan() {
		line := lines.Text()
		if !strings.Contains(line, id) {
			continue
		}
		d.add(line, id)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return d, fmt.Errorf("what was read: want lines of at most %d KiB", maxLogLine>>10)
	} else if err != nil {
		return d, fmt.Errorf("what was read: %w", err)
	}
	return d, nil
}

func decisionPattern() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-zA-Z]{1,36}$`) }

var ruleID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$`) })

// moreLine is the one of a denial that names a rule and the decision.
var moreLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`more: +([a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*), decision ([0-9a-zA-Z]+)`)
})

func (d *denial) add(line, id string) {
	var told struct {
		Decision, Object, Group, Result string
		Findings                        []struct{ Rule, Action string }
	}
	if at := strings.IndexByte(line, '{'); at >= 0 && json.Unmarshal([]byte(line[at:]), &told) == nil && told.Decision == id {
		d.seen = true
		for _, f := range told.Findings {
			// A log is text that others had a hand in: an id is taken, and no glob.
			if f.Action == rule.Deny.String() && ruleID().MatchString(f.Rule) {
				d.rule(f.Rule)
			}
		}
		if !strings.ContainsAny(told.Object, `*?[\`) {
			d.object = objectGlob(told.Object, told.Group)
		}
		return
	}
	for _, match := range moreLine().FindAllStringSubmatch(line, -1) {
		if match[2] == id {
			d.rule(match[1])
		}
	}
}

func (d *denial) rule(id string) {
	if !slices.Contains(d.rules, id) {
		d.rules = append(d.rules, id)
	}
}

// objectGlob is an object of the log as the config names it. What the API server names had no name then.
func objectGlob(object, group string) string {
	kind, rest, _ := strings.Cut(object, " ")
	if name, generated := strings.CutSuffix(rest, "(new)"); generated {
		rest = name + "*"
	}
	return kube.GroupKind(group, kind) + " " + rest
}
