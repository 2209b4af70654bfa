package badger_test

import (
	"testing"

	"fifthcall/daemon/store/kv"
	"fifthcall/daemon/store/kv/badger"
	"fifthcall/daemon/store/kv/kvtest"
)

func TestEngine(t *testing.T) {
	kvtest.Run(t, func(t testing.TB) (kv.Engine, func() kv.Engine) {
		dir := t.TempDir()
		open := func() kv.Engine {
			e, err := badger.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		return open(), open
	})
}
