#include "textflag.h"

// func surveyVectors(text *byte, n int) (lines int, foreign, stops bool)
//
// Y0 holds 32 line ends, Y1 32 times Ctrl-Z. All bytes are gathered in Y2 by or, whose highest bits tell of bytes beyond ASCII; in
// Y3 by their least, which is zero where there is a NUL; and in Y4 likewise by what is left of them without Ctrl-Z.
TEXT ·surveyVectors(SB), NOSPLIT, $0-26
	MOVQ text+0(FP), SI
	MOVQ n+8(FP), CX
	MOVL $0x0a, AX
	VMOVD AX, X0
	VPBROADCASTB X0, Y0
	MOVL $0x1a, AX
	VMOVD AX, X1
	VPBROADCASTB X1, Y1
	VPXOR Y2, Y2, Y2
	VPCMPEQB Y3, Y3, Y3
	VPCMPEQB Y4, Y4, Y4
	XORL DX, DX

loop:
	VMOVDQU (SI), Y5
	VMOVDQU 32(SI), Y6
	VPCMPEQB Y0, Y5, Y7
	VPCMPEQB Y0, Y6, Y8
	VPMOVMSKB Y7, AX
	VPMOVMSKB Y8, BX
	SHLQ $32, BX
	ORQ BX, AX
	POPCNTQ AX, AX
	ADDQ AX, DX
	VPOR Y5, Y2, Y2
	VPOR Y6, Y2, Y2
	VPMINUB Y5, Y3, Y3
	VPMINUB Y6, Y3, Y3
	VPXOR Y1, Y5, Y5
	VPXOR Y1, Y6, Y6
	VPMINUB Y5, Y4, Y4
	VPMINUB Y6, Y4, Y4
	ADDQ $64, SI
	DECQ CX
	JNZ loop
	MOVQ DX, lines+16(FP)
	VPXOR Y9, Y9, Y9
	VPCMPEQB Y9, Y3, Y3
	VPMOVMSKB Y2, AX
	VPMOVMSKB Y3, BX
	ORL BX, AX
	TESTL AX, AX
	SETNE foreign+24(FP)
	VPCMPEQB Y9, Y4, Y4
	VPMOVMSKB Y4, AX
	TESTL AX, AX
	SETNE stops+25(FP)
	VZEROUPPER
	RET
