package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// githubComment is a comment of a pull request, as far as the action reads it.
type githubComment struct {
	ID   int                    `json:"id"`
	User struct{ Login string } `json:"user"`
	Body string                 `json:"body"`
}

// githubState is what fakeGitHub serves and notes; it stands in the file that GITHUB_STATE names.
type githubState struct {
	Comments []githubComment
	// Forbidden: the token may only read.
	Forbidden bool
	Calls     []string
}

// ourComments is the filter that the action gives to gh, which is a jq of its own.
const ourComments = `.[] | select(.body | startswith("<!-- tlsward effective -->")) | "\(.id) \(.user.login)"`

// bots are who a token speaks for.
var bots = map[string]string{"throw-away": "github-actions[bot]", "throw-away of an app": "shop-bot[bot]"}

// fakeGitHub is gh api in front of the comments of pull request 7 of shop/deploy. What gh or GitHub would refuse, it refuses.
func fakeGitHub() {
	fail := func(code int, format string, args ...any) {
		fmt.Fprintf(os.Stderr, "gh: "+format+"\n", args...)
		os.Exit(code)
	}
	data, err := os.ReadFile(os.Getenv("GITHUB_STATE"))
	if err != nil {
		fail(1, "%v", err)
	}
	var state githubState
	if err := json.Unmarshal(data, &state); err != nil {
		fail(1, "%v", err)
	}
	if os.Getenv("GH_TOKEN") == "" {
		fail(4, "To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
	}
	method, path, filter, query, body := "", "", "", "", ""
	login := bots[os.Getenv("GH_TOKEN")]
	args := os.Args[1:]
	if len(args) == 0 || args[0] != "api" {
		fail(1, "unknown command %q", args)
	}
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "--paginate", "--silent":
		case "--method", "--jq", "--field", "--raw-field":
			i++
			switch value := args[i]; args[i-1] {
			case "--method":
				method = value
			case "--jq":
				filter = value
			case "--raw-field":
				query = value
			default:
				file, ok := strings.CutPrefix(value, "body=@")
				text, err := os.ReadFile(file)
				if !ok || err != nil {
					fail(1, "field %s: %v", value, err)
				}
				body = string(text)
			}
		default:
			if path != "" || strings.HasPrefix(args[i], "-") {
				fail(1, "unknown argument %s", args[i])
			}
			path = args[i]
		}
	}
	if path == "graphql" && query == "query={viewer{login}}" && filter == ".data.viewer.login" {
		fmt.Println(login)
		return
	}
	if method == "" {
		method = http.MethodGet
	}
	state.Calls = append(state.Calls, method+" "+path)
	const list = "repos/shop/deploy/issues/7/comments"
	const longest = 65536 // of a comment, in characters
	switch id, isComment := strings.CutPrefix(path, "repos/shop/deploy/issues/comments/"); {
	case method == http.MethodGet && path == list+"?per_page=100" && filter == ourComments:
		for _, c := range state.Comments {
			if strings.HasPrefix(c.Body, "<!-- tlsward effective -->") {
				fmt.Println(c.ID, c.User.Login)
			}
		}
	case method == http.MethodGet:
		fail(1, "Not Found (HTTP 404): %s %s", path, filter)
	case state.Forbidden:
		fail(1, "Resource not accessible by integration (HTTP 403)")
	case body == "" || len([]rune(body)) > longest:
		fail(1, "Validation Failed (HTTP 422)")
	case method == http.MethodPost && path == list:
		c := githubComment{ID: 100 + len(state.Comments), Body: body}
		c.User.Login = login
		state.Comments = append(state.Comments, c)
	case method == http.MethodPatch && isComment:
		number, err := strconv.Atoi(id)
		i := slices.IndexFunc(state.Comments, func(c githubComment) bool { return c.ID == number })
		if err != nil || i < 0 {
			fail(1, "Not Found (HTTP 404)")
		}
		state.Comments[i].Body = body
	default:
		fail(1, "Not Found (HTTP 404): %s %s", method, path)
	}
	data, err = json.Marshal(state)
	if err == nil {
		err = os.WriteFile(os.Getenv("GITHUB_STATE"), data, 0o600)
	}
	if err != nil {
		fail(1, "%v", err)
	}
}

// guardedIngress asks for certificates; what opens it is one word.
const guardedIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca
    nginx.ingress.kubernetes.io/auth-tls-verify-client: "on"
spec:
  ingressClassName: nginx
  tls: [{hosts: [api.shop.test], secretName: api-tls}]
  rules:
    - host: api.shop.test
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
`

// TestGitHubActionCompare runs the action's own script against a repository and a pull request.
func TestGitHubActionCompare(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	type step struct {
		ID, If, Run string
		Env         map[string]string
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct{ Steps []step }
	}
	parse(t, "action.yml", &action)
	stepOf := func(id string) step {
		return action.Runs.Steps[slices.IndexFunc(action.Runs.Steps, func(s step) bool { return s.ID == id })]
	}
	compare, comment := stepOf("compare"), stepOf("comment")
	for _, s := range action.Runs.Steps {
		if _, given := s.Env["GH_TOKEN"]; given && s.ID != "comment" {
			t.Errorf("step %s has the token", s.ID)
		}
	}
	for _, part := range []string{"!cancelled()", "inputs.comment == 'true'", "inputs.compare-with != ''", "github.event.pull_request.number != ''"} {
		if !strings.Contains(comment.If, part) {
			t.Errorf("a comment is written if %s, want %s", comment.If, part)
		}
	}
	if !strings.Contains(compare.If, "inputs.compare-with != ''") || !strings.Contains(compare.If, "!cancelled()") {
		t.Errorf("it runs if %s", compare.If)
	}
	opened := strings.Replace(guardedIngress, `"on"`, `"off"`, 1)
	theirs := githubComment{ID: 1, Body: "<!-- tlsward effective -->\nall is well"}
	theirs.User.Login = "somebody"
	ours := githubComment{ID: 2, Body: "<!-- tlsward effective -->\nof the last run"}
	ours.User.Login = "github-actions[bot]"
	ofApp := githubComment{ID: 3, Body: ours.Body}
	ofApp.User.Login = "shop-bot[bot]"
	for name, test := range map[string]struct {
		now string
		// beside is a further file of the base, compareFails that its step could not even run.
		beside       string
		compareFails bool
		inputs       map[string]string
		comments     []githubComment
		forbidden    bool
		noPull       bool
		code         int
		log, summary string
		// written are the calls that write, want what our comment then says.
		written []string
		want    string
	}{
		"summary alone": {now: opened, code: exitDenied, summary: "❌ weaker"},
		"comment": {
			now: opened, inputs: map[string]string{"comment": "true"}, code: exitDenied, summary: "❌ weaker",
			written: []string{"POST repos/shop/deploy/issues/7/comments"}, want: "❌ weaker",
		},
		"comment again": {
			now: opened, inputs: map[string]string{"comment": "true"}, comments: []githubComment{theirs, ours}, code: exitDenied, summary: "❌ weaker",
			written: []string{"PATCH repos/shop/deploy/issues/comments/2"}, want: "❌ weaker",
		},
		"somebody else's line": {
			now: opened, inputs: map[string]string{"comment": "true"}, comments: []githubComment{theirs}, code: exitDenied, summary: "❌ weaker",
			written: []string{"POST repos/shop/deploy/issues/7/comments"}, want: "❌ weaker",
		},
		"nothing changes":          {now: guardedIngress, inputs: map[string]string{"comment": "true"}, summary: "nothing changes"},
		"nothing changes any more": {now: guardedIngress, inputs: map[string]string{"comment": "true"}, comments: []githubComment{ours}, summary: "nothing changes", written: []string{"PATCH repos/shop/deploy/issues/comments/2"}, want: "nothing changes"},
		"no pull request":          {now: opened, inputs: map[string]string{"comment": "true"}, noPull: true, code: exitDenied, summary: "❌ weaker"},
		"a fork":                   {now: opened, inputs: map[string]string{"comment": "true"}, forbidden: true, code: exitDenied, summary: "❌ weaker", log: "::warning title=tlsward::The comment was not written", written: []string{"POST repos/shop/deploy/issues/7/comments"}},
		"a comment of an app": {
			now: opened, inputs: map[string]string{"comment": "true", "token": "throw-away of an app"}, comments: []githubComment{ours, ofApp}, code: exitDenied, summary: "❌ weaker",
			written: []string{"PATCH repos/shop/deploy/issues/comments/3"},
		},
		"not comparable any more": {
			now: opened, inputs: map[string]string{"compare-with": "nowhere", "comment": "true"}, comments: []githubComment{ours}, code: exitUnjudged,
			log: "no such revision in this clone", written: []string{"PATCH repos/shop/deploy/issues/comments/2"}, want: "could not be compared in [this run](https://github.test/shop/deploy/actions/runs/42)",
		},
		"not even built": {
			now: opened, inputs: map[string]string{"comment": "true"}, comments: []githubComment{ours}, compareFails: true,
			written: []string{"PATCH repos/shop/deploy/issues/comments/2"}, want: "could not be compared",
		},
		"a folder called like the revision": {now: opened, beside: "base/readme.txt", code: exitDenied, summary: "❌ weaker"},
		"a folder, and no revision": {
			now: opened, beside: "prod/readme.txt", inputs: map[string]string{"compare-with": "prod"}, code: exitUnjudged, log: "::error title=tlsward::compare-with",
		},
		"not failing":                   {now: opened, inputs: map[string]string{"fail-on": "never"}, summary: "❌ weaker"},
		"further arguments, and paths":  {now: opened, inputs: map[string]string{"compare-arguments": "--host=other.test\n", "paths": "deploy\n"}, summary: "nothing changes"},
		"no such revision":              {now: opened, inputs: map[string]string{"compare-with": "nowhere", "comment": "true"}, code: exitUnjudged, log: "no such revision in this clone"},
		"no command, and no other flag": {now: opened, inputs: map[string]string{"compare-with": "$(touch taken)"}, code: exitUnjudged, log: "$(touch taken)"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"deploy/ingress.yaml": guardedIngress, "deploy/service.yaml": plainService}
			if test.beside != "" {
				files[test.beside] = "nothing"
			}
			dir, temp, bin := writeFiles(t, files), t.TempDir(), t.TempDir()
			program(t, temp)
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(self, filepath.Join(bin, "gh")); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"init", "--quiet"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "base"}, {"tag", "base"},
			} {
				if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
					t.Fatalf("git %v: %v\n%s", args, err, out)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "deploy/ingress.yaml"), []byte(test.now), 0o600); err != nil {
				t.Fatal(err)
			}
			state := filepath.Join(temp, "state")
			before, err := json.Marshal(githubState{Comments: test.comments, Forbidden: test.forbidden})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(state, before, 0o600); err != nil {
				t.Fatal(err)
			}
			env := map[string]string{
				"RUNNER_TEMP": temp, "GITHUB_STEP_SUMMARY": filepath.Join(temp, "summary"), "GITHUB_OUTPUT": filepath.Join(temp, "output"),
				"GITHUB_REPOSITORY": "shop/deploy", "GITHUB_STATE": state,
				"GITHUB_SERVER_URL": "https://github.test", "GITHUB_RUN_ID": "42", "PATH": bin + string(os.PathListSeparator) + os.Getenv("PATH"),
			}
			value := func(expression string) string {
				return actionValue(t, expression, func(input string) string {
					declared, known := action.Inputs[input]
					if !known {
						t.Errorf("%s: no such input", input)
					}
					if value, given := test.inputs[input]; given {
						return value
					}
					if input == "compare-with" {
						return "base"
					}
					return declared.Default
				}, test.noPull)
			}
			run := func(s step, further map[string]string) (string, int) {
				own := maps.Clone(env)
				maps.Copy(own, further)
				for variable, expression := range s.Env {
					if _, given := further[variable]; !given {
						own[variable] = value(expression)
					}
				}
				return shell(t, dir, s.Run, own)
			}
			log, code, status := "", 0, ""
			if !test.compareFails {
				log, code = run(compare, nil)
				status = fmt.Sprint(code)
			}
			if test.inputs["comment"] == "true" && !test.noPull {
				more, commented := run(comment, map[string]string{"COMPARE_STATUS": status})
				log += more
				if commented != 0 {
					t.Errorf("writing the comment ends with %d:\n%s", commented, more)
				}
			}
			if code != test.code || !strings.Contains(log, test.log) {
				t.Errorf("exit %d, want %d and %q in:\n%s", code, test.code, test.log, log)
			}
			if test.compareFails {
				checkGitHub(t, state, test.written, test.want)
				return
			}
			if outputs := read(t, env["GITHUB_OUTPUT"]); outputs != fmt.Sprintf("compare-status=%d\n", test.code) {
				t.Errorf("outputs: %s", outputs)
			}
			if test.summary != "" {
				if summary := read(t, env["GITHUB_STEP_SUMMARY"]); !strings.Contains(summary, test.summary) {
					t.Errorf("summary, want %q in:\n%s", test.summary, summary)
				}
			}
			checkGitHub(t, state, test.written, test.want)
			if _, err := os.Stat(filepath.Join(dir, "taken")); err == nil {
				t.Error("an input was run")
			}
		})
	}
}

// actionValue is what GitHub makes of an expression.
func actionValue(t *testing.T, expression string, input func(string) string, noPull bool) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ ([a-z._-]+) \}\}`).ReplaceAllStringFunc(expression, func(match string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(match, "${{ "), " }}")
		of, isInput := strings.CutPrefix(name, "inputs.")
		switch {
		case name == "inputs.token":
			if given := input(of); given != "${{ github.token }}" {
				return given
			}
			return "throw-away"
		case isInput:
			return input(of)
		case name == "github.event.pull_request.number" && noPull:
			return ""
		case name == "github.event.pull_request.number":
			return "7"
		default:
			t.Errorf("%s: nobody knows it", name)
			return ""
		}
	})
}

// checkGitHub looks at what was called, and at what the comments say in the end.
func checkGitHub(t *testing.T, file string, written []string, want string) {
	t.Helper()
	var state githubState
	if err := json.Unmarshal([]byte(read(t, file)), &state); err != nil {
		t.Fatal(err)
	}
	calls := slices.DeleteFunc(state.Calls, func(call string) bool { return strings.HasPrefix(call, "GET ") })
	if !state.Forbidden && !slices.Equal(calls, written) {
		t.Errorf("calls %q, want %q", calls, written)
	}
	ours := 0
	for _, c := range state.Comments {
		switch {
		case c.User.Login == "somebody" && !strings.HasSuffix(c.Body, "all is well"):
			t.Error("somebody else's comment was changed")
		case c.User.Login != "somebody" && want != "":
			ours++
			if !strings.Contains(c.Body, want) || !strings.HasPrefix(c.Body, "<!-- tlsward effective -->\n") {
				t.Errorf("comment, want %q in:\n%s", want, c.Body)
			}
		}
	}
	if want != "" && ours != 1 {
		t.Errorf("%d comments of ours, want one", ours)
	}
}
