package controlplane

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// leashed starts a program under its own process id, which it writes down, and ends it should whoever started it die
// without a word: a test that ran into its timeout leaves half a gigabyte otherwise. envtest has a group of processes of
// its own for each, so that no signal to the test reaches them.
const leashed = `#!/bin/sh
echo $$ >'%s'
parent=$PPID
( while kill -0 "$parent" && kill -0 $$; do sleep 1; done; kill $$ ) </dev/null >/dev/null 2>&1 &
exec '%s' "$@"
`

// leash returns the path of a script that runs one of the binaries, and its log.
func (p *Plane) leash(name, binary string) (script string, log *os.File, err error) {
	script = filepath.Join(p.folder, name+".sh")
	text := fmt.Sprintf(leashed, p.pidFile(name), filepath.Join(p.assets, binary))
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		return "", nil, err
	}
	log, err = os.OpenFile(filepath.Join(p.folder, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", nil, err
	}
	p.logs = append(p.logs, log)
	return script, log, nil
}

func (p *Plane) pidFile(name string) string { return filepath.Join(p.folder, name+".pid") }

// ServerPID is the process of the API server.
func (p *Plane) ServerPID() (int, error) { return p.pid("kube-apiserver") }

func (p *Plane) pid(name string) (int, error) {
	text, err := os.ReadFile(p.pidFile(name))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func (p *Plane) signal(name string, signal syscall.Signal) error {
	pid, err := p.pid(name)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, signal)
}
