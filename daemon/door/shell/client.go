package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fifthcall/daemon/desk"
)

// Request is one operation, as it crosses the control socket.
type Request struct {
	Op   string          `json:"op"`
	Desk string          `json:"desk,omitempty"` // "" for the only one, or all in listings
	Args json.RawMessage `json:"args,omitempty"`
}

// Response is what comes back.
type Response struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Code   int             `json:"code,omitempty"`
}

// SocketPath is the control socket of a state folder. Where the folder's path is too long
// for a socket's address (108 bytes), it lies in the folder for temporary files instead, in
// a folder of its own that nobody else can enter.
func SocketPath(stateDir string) string {
	p := filepath.Join(stateDir, "control.sock")
	if len(p) < 100 {
		return p
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("fifthcall-%d-%s", os.Getuid(), desk.ShortHash(stateDir)), "control.sock")
}

// Client reaches a running daemon through its socket.
type Client struct{ http *http.Client }

// Dial connects to the daemon that runs on the state folder; nil if none does.
func Dial(ctx context.Context, stateDir string) *Client {
	p := SocketPath(stateDir)
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "unix", p)
	if err != nil {
		return nil
	}
	_ = conn.Close()
	return &Client{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "unix", p)
	}}}}
}

// Do has the daemon run an operation.
func (c *Client) Do(ctx context.Context, req Request) (json.RawMessage, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daemon/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(hr)
	if err != nil {
		return nil, fmt.Errorf("the running daemon doesn't answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var out Response
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return nil, fmt.Errorf("the running daemon's answer is unreadable: %w", err)
	}
	if out.Error != "" {
		return nil, &desk.CodedError{Code: out.Code, Text: out.Error}
	}
	return out.Result, nil
}
