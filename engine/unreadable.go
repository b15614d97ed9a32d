package engine

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// unreadables passes the items that could not be read to the matcher, with the keys that are made of their SKUs.
type unreadables struct {
	Watcher
	ctx     context.Context
	program *rules.Program
	side    verdict.Side
	feeder  *match.Feeder
	told    uint32
	skipped int64 // of which the key is not known
}

// Unreadable implements ReadWatcher.
func (u *unreadables) Unreadable(items []catalog.Unreadable) error {
	skus := make([]string, len(items))
	for i, it := range items {
		skus[i] = it.SKU
	}
	keys, known := u.program.KeysOf(u.side, skus)
	if !known {
		u.skipped += int64(len(items))
		return nil
	}
	for i, it := range items {
		key := keys.At(i)
		if key == "" {
			u.skipped++
			continue
		}
		if err := u.feeder.AddUnreadable(u.ctx, key, unreadableBytes(u.told, it)); err != nil {
			return err
		}
		u.told = min(u.told+1, math.MaxUint32-1)
	}
	return nil
}

// unreadableBytes writes an item that could not be read: its number among those of its side, its SKU and why.
func unreadableBytes(number uint32, it catalog.Unreadable) []byte {
	b := binary.LittleEndian.AppendUint32(nil, number)
	b = binary.AppendUvarint(b, uint64(len(it.SKU)))
	return append(append(b, it.SKU...), it.Reason...)
}

// unreadableOf reads what unreadableBytes has written.
func unreadableOf(b []byte) *report.Unreadable {
	b = b[4:]
	n, width := binary.Uvarint(b)
	b = b[width:]
	return &report.Unreadable{SKU: string(b[:n]), Reason: string(b[n:])}
}
