package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

func factsCommand(s streams) *cobra.Command {
	var f common
	var object string
	cmd := &cobra.Command{
		Use:   "facts [PATH...]",
		Short: "Print the documents that rules see of the objects in files",
		Long: `Print, as JSON, exactly what a rule sees of each object that rules judge: one document after the other.
Private keys are never in it. Stock OPA replays one:

  opa eval -i facts.json -d policies/ --ignore '*.yaml' --ignore '*_test.rego' 'data.policies'

What could not be read is named on standard error. Exit status: 0, or 2 if something could not be read, or there is
no such object.`,
		Example: "  tlsward facts --object 'Ingress shop/web' deploy/ > facts.json",
		RunE: func(cmd *cobra.Command, paths []string) error {
			paths = here(paths)
			e, options, err := f.prepare(cmd.Context(), paths, s)
			if err != nil {
				return unjudged(err)
			}
			for _, path := range paths {
				if _, err := os.Stat(path); path != manifest.Stdin && err != nil {
					return unjudged(fmt.Errorf("%s: %w", path, manifest.Cause(err)))
				}
			}
			requests, problems, err := lint.Requests(cmd.Context(), paths, options)
			if err != nil {
				return unjudged(err)
			}
			encoder := json.NewEncoder(s.out)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			printed := 0
			for _, r := range requests {
				if object != "" && r.Object.ID.String() != object {
					continue
				}
				printed++
				if err := encoder.Encode(withoutKeys(map[string]any(e.Facts(r)))); err != nil {
					return unjudged(err)
				}
			}
			complainAll(s.err, problems)
			if printed == 0 {
				if object != "" {
					return unjudged(fmt.Errorf("no object %s that rules judge", object))
				}
				return unjudged(errors.New("no object that rules judge"))
			}
			if len(problems) > 0 {
				return &exitError{code: exitUnjudged}
			}
			return nil
		},
	}
	f.register(cmd.Flags())
	f.behind.register(cmd.Flags())
	cmd.Flags().StringVar(&f.now, "now", "", "gather as of this time (RFC 3339) or date, instead of the clock")
	cmd.Flags().StringVar(&object, "object", "", `only this object, as "Kind namespace/name"`)
	f.complete(cmd)
	return cmd
}

// withoutKeys copies facts without the private keys that people put where none belongs: into a ConfigMap, an annotation. No rule reads them.
func withoutKeys(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for key, inner := range value {
			copied[key] = withoutKeys(inner)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, inner := range value {
			copied[i] = withoutKeys(inner)
		}
		return copied
	case string:
		if holdsKey(value) {
			return rule.WithoutKeys(value)
		}
	}
	return value
}

func holdsKey(text string) bool {
	const begin, encoded = "PRIVATE KEY-----", "LS0tLS1C" // the base64 of -----B
	if strings.Contains(text, begin) {
		return true
	}
	_, rest, found := strings.Cut(text, encoded)
	if !found {
		return false
	}
	// What comes before an error is decoded all the same.
	decoded, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded+rest)))
	defer clear(decoded)
	return bytes.Contains(decoded, []byte(begin))
}
