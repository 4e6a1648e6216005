package install

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Pod is one process of the binary.
type Pod struct {
	Name      string
	in        *Installation
	folder    string
	extra     []string // further variables of the environment
	command   *exec.Cmd
	addresses map[string]string // by the name of the container's port
	ready     atomic.Bool
	log       *os.File
	done      chan struct{}
	exit      error
	ending    sync.Once
}

// The flags of serve that say where it listens, by the name of the container's port.
var addressFlags = map[string]string{"webhook": "webhook-address", "metrics": "metrics-address", "health": "health-address"}

func (p *Pod) kubeconfig() string { return filepath.Join(p.folder, "kubeconfig") }

// LogFile is where the process logs to.
func (p *Pod) LogFile() string { return filepath.Join(p.folder, "log") }

// Log is what it has logged.
func (p *Pod) Log() string {
	text, err := os.ReadFile(p.LogFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// note writes a line of the harness into the log.
func (p *Pod) note(text string) {
	// A log that cannot be written to is no reason to fail a test.
	_, _ = fmt.Fprintln(p.log, "---", text)
}

// PID is the process.
func (p *Pod) PID() int { return p.command.Process.Pid }

// Address is where the process listens: webhook, metrics or health.
func (p *Pod) Address(port string) string { return p.addresses[port] }

func (p *Pod) start() error {
	container := p.in.container()
	p.addresses = map[string]string{}
	arguments := make([]string, 0, len(container.Args)+len(addressFlags)+len(p.in.options.Arguments)+1)
	for _, argument := range container.Args {
		arguments = append(arguments, p.mounted(argument))
	}
	for _, port := range container.Ports {
		flag, ok := addressFlags[port.Name]
		if !ok {
			return fmt.Errorf("the container has a port %s, and nobody knows by which flag it is set", port.Name)
		}
		address, err := freeAddress()
		if err != nil {
			return err
		}
		p.addresses[port.Name] = address
		// The last one counts.
		arguments = append(arguments, "--"+flag+"="+address)
	}
	arguments = append(arguments, "--kubeconfig="+p.kubeconfig())
	arguments = append(arguments, p.in.options.Arguments...)
	environment, err := p.environment(container)
	if err != nil {
		return err
	}
	p.log, err = os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	p.command = exec.Command(p.in.options.Binary, arguments...)
	p.command.Dir = p.folder
	p.command.Env = environment
	p.command.Stdout, p.command.Stderr = p.log, p.log
	// So that Ctrl-C at the terminal does not reach it before whoever stops it in order.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.note("start: " + p.command.String())
	if err := p.command.Start(); err != nil {
		return err
	}
	p.done = make(chan struct{})
	go func() {
		p.exit = p.command.Wait()
		close(p.done)
	}()
	return nil
}

// mounted puts the folders of the volumes where an argument names their mount paths.
func (p *Pod) mounted(argument string) string {
	longest := ""
	for _, mount := range p.in.container().VolumeMounts {
		if len(mount.MountPath) > len(longest) && strings.Contains(argument, mount.MountPath) {
			longest = mount.MountPath
		}
	}
	for _, mount := range p.in.container().VolumeMounts {
		if mount.MountPath == longest && longest != "" {
			return strings.Replace(argument, longest, p.volume(mount.Name), 1)
		}
	}
	return argument
}

// environment is what kubelet would set, and nothing of the test's own: a binary that needs more is broken in a container.
func (p *Pod) environment(container *corev1.Container) ([]string, error) {
	environment := []string{"TMPDIR=" + os.TempDir()}
	for _, variable := range container.Env {
		value := variable.Value
		if from := variable.ValueFrom; from != nil {
			if from.FieldRef == nil {
				return nil, fmt.Errorf("variable %s: this kubelet knows fieldRef only", variable.Name)
			}
			switch from.FieldRef.FieldPath {
			case "metadata.name":
				value = p.Name
			case "metadata.namespace":
				value = Namespace
			default:
				return nil, fmt.Errorf("variable %s: this kubelet does not know %s", variable.Name, from.FieldRef.FieldPath)
			}
		}
		environment = append(environment, variable.Name+"="+value)
	}
	return append(environment, p.extra...), nil
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// probeInterval is how often a pod's readiness is looked at. In a cluster that takes seconds; here a pod that is no longer
// ready leaves the Service at once, and one that serves no longer but says it is ready is seen all the same.
const probeInterval = 100 * time.Millisecond

// watch follows readiness until the process ends.
func (p *Pod) watch() {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		p.ready.Store(p.probe() == nil)
		select {
		case <-ticker.C:
		case <-p.done:
			p.ready.Store(false)
			p.in.forget(p)
			return
		}
	}
}

// prober makes a connection for each probe, as kubelet does.
var prober = &http.Client{Timeout: time.Second, Transport: &http.Transport{
	DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // as kubelet does
}}

func (p *Pod) probe() error {
	probe := p.in.container().ReadinessProbe
	if probe == nil || probe.HTTPGet == nil {
		return nil
	}
	response, err := prober.Get("http://" + p.Address(probe.HTTPGet.Port.StrVal) + probe.HTTPGet.Path)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	return nil
}

// Ready returns when the pod is ready.
func (p *Pod) Ready(ctx context.Context) error {
	for !p.ready.Load() {
		select {
		case <-p.done:
			return fmt.Errorf("pod %s ended before it was ready: %w\n%s", p.Name, p.exit, tail(p.Log()))
		case <-ctx.Done():
			return fmt.Errorf("pod %s is not ready: %w: %w\n%s", p.Name, ctx.Err(), p.probe(), tail(p.Log()))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// IsReady reports whether the pod was ready when it was last looked at.
func (p *Pod) IsReady() bool { return p.ready.Load() }

// Exited reports whether the process has ended.
func (p *Pod) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Terminate begins what the deletion of a pod begins: the process is told, and the Service follows its readiness.
func (p *Pod) Terminate() {
	p.ending.Do(func() {
		p.note("terminate")
		_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended
	})
}

// Stop ends the process as the deletion of its pod does, and says what was not in order.
func (p *Pod) Stop() error {
	p.Terminate()
	grace := 30 * time.Second
	if seconds := p.in.deployment.Spec.Template.Spec.TerminationGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	select {
	case <-p.done:
	case <-time.After(grace):
		return errors.Join(fmt.Errorf("pod %s still runs %s after SIGTERM\n%s", p.Name, grace, tail(p.Log())), p.Kill())
	}
	if p.exit != nil {
		return fmt.Errorf("pod %s: %w\n%s", p.Name, p.exit, tail(p.Log()))
	}
	return p.log.Close()
}

// Kill ends the process without a word to it, as when its node dies.
func (p *Pod) Kill() error {
	p.ending.Do(func() {})
	err := p.command.Process.Kill()
	<-p.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// tail is the end of a log.
func tail(text string) string {
	const lines = 20
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
