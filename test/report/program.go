package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Now is the time as of which the scenes are judged.
const Now = "2026-11-01T12:00:00Z"

// Root is the repository, seen from this folder.
const Root = "../.."

// Build makes the program from the sources around this module and returns its path. From is the repository as seen from
// the caller's folder.
func Build(from, folder string) (program string, err error) {
	program = filepath.Join(folder, "tlsward")
	command := exec.Command("go", "build", "-tags", "kustomize_disable_go_plugin_support", "-o", program, "./cmd/tlsward")
	command.Dir = from
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return program, nil
}

// Lint runs the program in the repository and returns what it writes to standard output. Denials are no error.
func Lint(ctx context.Context, program, from string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, program, append([]string{"lint", "--now", Now}, arguments...)...)
	command.Dir = from
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", command, err, errOut.String())
	}
	return out.Bytes(), nil
}

// ModuleFolder is where the module cache holds a module of a go.mod's list; its go.sum vouches for it.
func ModuleFolder(ctx context.Context, list, module string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	command.Dir = list
	output, runErr := command.Output()
	var answer struct{ Dir, Error string }
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", fmt.Errorf("%s in %s: %w", command, list, errors.Join(runErr, err))
	}
	if answer.Dir == "" {
		return "", fmt.Errorf("%s in %s: %s", command, list, answer.Error)
	}
	return answer.Dir, nil
}
