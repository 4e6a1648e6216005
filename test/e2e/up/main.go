// Command up runs the control plane of the end-to-end tests on the desk, with the chart installed in enforce mode, so that
// a newcomer sees `kubectl apply` refused; `-down` ends it. One process in the background keeps everything alive, and all
// it writes is in one folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tlsward/tlsward/test/e2e/repository"
)

func main() {
	down := flag.Bool("down", false, "stop what runs")
	background := flag.Bool("background", false, "be the process in the background; up starts it")
	flag.Parse()
	if err := run(*down, *background); err != nil {
		fmt.Fprintln(os.Stderr, "up:", err)
		os.Exit(1)
	}
}

func run(down, background bool) error {
	root, err := repository.Root()
	if err != nil {
		return err
	}
	d := desk{root: root, folder: filepath.Join(root, ".bin", "up")}
	ctx := context.Background()
	switch {
	case background:
		return d.run(ctx)
	case down:
		return d.stop()
	default:
		return d.up(ctx)
	}
}

// desk is where things stand.
type desk struct{ root, folder string }

func (d desk) file(name string) string { return filepath.Join(d.folder, name) }

// The files that the process in the background is known by.
const (
	pidName = "pid"
	// readyName holds the commands to try, once they work.
	readyName = "ready"
	logName   = "log"
)

// running returns the process in the background, 0 if there is none.
func (d desk) running() int {
	text, err := os.ReadFile(d.file(pidName))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}

// upTimeout is how long the background process may take: ten seconds on a quiet machine.
const upTimeout = 2 * time.Minute

func (d desk) up(ctx context.Context) error {
	pid := d.running()
	if pid == 0 {
		var err error
		if pid, err = d.start(ctx); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(upTimeout)
	for {
		if text, err := os.ReadFile(d.file(readyName)); err == nil {
			fmt.Print(string(text))
			return nil
		}
		if syscall.Kill(pid, 0) != nil || time.Now().After(deadline) {
			text, _ := os.ReadFile(d.file(logName)) // without one there is less to say
			return fmt.Errorf("it does not come up, see %s:\n%s", d.file(logName), text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// start builds the binary and starts the process in the background, which outlives this one.
func (d desk) start(ctx context.Context) (pid int, err error) {
	if _, err := repository.Assets(); err != nil {
		return 0, err
	}
	// What a former run left is of no use: the ports are others.
	if err := os.RemoveAll(d.folder); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(d.folder, 0o755); err != nil {
		return 0, err
	}
	if _, err := repository.Build(ctx, d.folder); err != nil {
		return 0, err
	}
	// `go run` deletes what it built once it ends.
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	kept := d.file("up")
	if err := copyFile(self, kept); err != nil {
		return 0, err
	}
	log, err := os.OpenFile(d.file(logName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	command := exec.Command(kept, "-background")
	command.Dir = d.root
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return 0, err
	}
	go command.Wait() //nolint:errcheck // so that its end is seen; why it ended is in the log
	pid = command.Process.Pid
	return pid, os.WriteFile(d.file(pidName), []byte(strconv.Itoa(pid)+"\n"), 0o644)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

// downTimeout is longer than the grace of the pods and of both servers.
const downTimeout = time.Minute

func (d desk) stop() error {
	pid := d.running()
	if pid == 0 {
		fmt.Println("nothing runs")
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	for deadline := time.Now().Add(downTimeout); syscall.Kill(pid, 0) == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("process %d does not end, see %s", pid, d.file(logName))
		}
	}
	if err := os.Remove(d.file(pidName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	fmt.Println("stopped")
	return nil
}
