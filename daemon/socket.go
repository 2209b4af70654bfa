package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/shell"
)

// Do runs an operation here and returns its result as JSON.
func (d *Daemon) Do(ctx context.Context, req shell.Request) (json.RawMessage, error) {
	op, ok := operations[req.Op]
	if !ok {
		return nil, desk.Usage("unknown operation %q: is the daemon an older version?", req.Op)
	}
	v, err := op(ctx, d, req)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// Ask runs an operation here and decodes its result.
func Ask(ctx context.Context, d *Daemon, req shell.Request, into any) error {
	out, err := d.Do(ctx, req)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// controlHandler answers subcommands over the socket.
func (d *Daemon) controlHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req shell.Request
		var res shell.Response
		if err := json.NewDecoder(io.LimitReader(r.Body, 256<<20)).Decode(&req); err != nil {
			res.Error, res.Code = "unreadable request: "+err.Error(), desk.ExitFailed
		} else if out, err := d.Do(r.Context(), req); err != nil {
			res.Error, res.Code = err.Error(), config.ExitCode(err)
		} else {
			res.Result = out
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(res)
	})
}

// listenControl listens on the socket, mode 0600. The store's lock is held, so a socket
// that is there already is a dead daemon's.
func listenControl(stateDir string) (net.Listener, error) {
	p := shell.SocketPath(stateDir)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove an old control socket: %w", err)
	}
	old := syscall.Umask(0o177)
	ln, err := net.Listen("unix", p)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return ln, nil
}
