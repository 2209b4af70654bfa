package mailbox

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// conn puts deadlines under an IMAP client that sets none of use: while a command is under
// way each read must bring something within patience; between commands, and in IDLE, the
// peer may be silent for as long as rest allows. The client's own deadlines are ignored.
type conn struct {
	net.Conn
	prefix []byte // read first: a greeting that was consumed by STARTTLS

	mu      sync.Mutex
	wait    time.Duration
	onBytes func([]byte) // called with what arrives, while set
}

const (
	patience = 60 * time.Second
	rest     = 20 * time.Minute
)

func newConn(c net.Conn, prefix []byte) *conn {
	return &conn{Conn: c, prefix: prefix, wait: patience}
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.prefix) > 0 {
		n := copy(p, c.prefix)
		c.prefix = c.prefix[n:]
		return n, nil
	}
	c.arm()
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	tell := c.onBytes
	c.mu.Unlock()
	if tell != nil && n > 0 {
		tell(p[:n])
	}
	return n, err
}

func (c *conn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.Conn.SetReadDeadline(time.Now().Add(c.wait))
}

// expect sets how long the peer may be silent from now on, also for a read under way.
func (c *conn) expect(d time.Duration) {
	c.mu.Lock()
	c.wait = d
	c.mu.Unlock()
	c.arm()
}

// listen has tell called with whatever arrives; nil ends it.
func (c *conn) listen(tell func([]byte)) {
	c.mu.Lock()
	c.onBytes = tell
	c.mu.Unlock()
}

// Write allows a slow peer a minute.
func (c *conn) Write(p []byte) (int, error) {
	_ = c.Conn.SetWriteDeadline(time.Now().Add(patience))
	return c.Conn.Write(p)
}

func (c *conn) SetDeadline(time.Time) error { return nil }

func (c *conn) SetReadDeadline(time.Time) error { return nil }

func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// stirs reports whether bytes that arrive during IDLE deserve a look at the folder: all but
// a server's "still here".
func stirs(b []byte) bool {
	return !bytes.HasPrefix(b, []byte("* OK")) || bytes.Count(b, []byte("\n")) > 1
}
