"""A first parser by numbering style: notices, clauses with heading paths, table rows. (To be replaced by smaller modules.)"""
import re
from .model import Clause, Notice, ParsedGazette
from datetime import date
MARK=re.compile(r'^[\s#*>-]*|[\s*]*$')
NUM=re.compile(r'^[（(]?([\u4e00-\u9fff]{2,14})[〔\[［(（](\d{4})[〕\]］)）]\s*(\d{1,4})\s*号[）)]?$')
DATE=re.compile(r'^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日$')
STY=[('部',re.compile(r'^第[一二三四五六七八九十百]+(?:部分|章|编|篇)')),('一',re.compile(r'^[一二三四五六七八九十]{1,3}[、.．]')),('条',re.compile(r'^第[一二三四五六七八九十百]+条')),
('(一)',re.compile(r'^[（(]\s*[一二三四五六七八九十]{1,4}\s*[）)]')),('1.1',re.compile(r'^\d+(?:\.\d+)+(?![\d%])')),('1.',re.compile(r'^\d{1,2}\s*[.、．](?!\d)')),('(1)',re.compile(r'^[（(]\s*\d{1,2}\s*[）)]')),('①',re.compile(r'^[①-⑳]')),('1 ',re.compile(r'^\d{1,2}\s+(?=[\u4e00-\u9fff]{2,12}$)'))]
RANK={'部':1,'1 ':1,'一':2,'1.1':2.5,'条':2.2,'(一)':3,'1.':4,'(1)':5,'①':6}
ATT=re.compile(r'^(?:附件|附表)\s*[\d一二三四五六七八九十]{0,3}(?:-\d+)?\s*[:：]?$')
def bare(s):
    return re.sub(r'<[^<>\n]{0,40}>','',s.replace('**','')).lstrip(' \t#>-*').strip() if '\t' not in s else s
def lines(text):
    o=0
    for l in text.split('\n'):
        yield o,o+len(l),l
        o+=len(l)+1
def style(b):
    for n,r in STY:
        m=r.match(b)
        if m:
            return (n if n!='1.1' else 'd%d'%(m.group().count('.')), m.group())
    return None
def rank(n): return RANK[n] if n in RANK else 1+0.2*int(n[1:])
def heading(b,num):
    rest=b[len(num):].strip()
    if not rest: return b,True
    if len(b)<=60 and not re.search(r'[。；;：:，,]$',b) : return b,True
    if len(b)<=40 and b.endswith('。') and '，' not in b: return b.rstrip('。'),True
    m=re.match(r'^([^。：:；]{2,40})[。：:]',rest)
    if m: return num+m.group(1),False
    return num,False
def parse(g):
    L=list(lines(g.text)); B=[bare(l) for _,_,l in L]
    heads=[]
    for i,b in enumerate(B):
        m=NUM.match(b) if len(b)<40 else None
        if not m: continue
        j=i-1;got=[]
        while j>=0 and len(got)<5:
            t=B[j]
            if not t: 
                if i-j>8: break
                j-=1;continue
            if '\t' in t or DATE.match(t) or re.search(r'[。；：;]$',t) or len(t)>60 or '公开发布' in t: break
            got.append(j)
            if re.match(r'^(北京市|.{2,10}(省|市|区|县)人民政府)',t) and re.search('关于|印发|转发|公布',''.join(B[k] for k in reversed(got))): 
                break
            j-=1
        if not got: continue
        top=got[-1]
        if re.search(r'[)）]?\s*\d+$',''.join(B[k] for k in got)) and i<40: pass
        heads.append((top,i,''.join(B[k] for k in reversed(got)),re.sub(r'\s','',b)))
    notices=[];clauses=[]
    for h,(top,i,title,num) in enumerate(heads):
        stop=heads[h+1][0] if h+1<len(heads) else len(L)
        last=stop-1
        while last>i and not B[last].strip(): last-=1
        signed=None
        for k in range(i,last+1):
            m=DATE.match(B[k])
            if m:
                try: signed=date(*map(int,m.groups()))
                except ValueError: pass
                if signed: break
        title=re.sub(r'\s+','',title)
        issuer=title.split('关于')[0].split('印发')[0].split('转发')[0]
        kind=(re.findall(r'通知|通告|意见|方案|规划|办法|批复|决定|公告',title) or [''])[-1]
        n=Notice(source=g.source,district=g.district,number=num,title=title,issuer=issuer,signed=signed,kind=kind,start=L[top][0],end=L[last][1])
        notices.append(n)
        clauses.append(Clause(n,(),L[top][0],L[i-1][1],title,'title')); clauses.append(Clause(n,(),L[i][0],L[i][1],B[i],'number'))
        stack=[];base=[];cols=None;prev=None;k=i+1;pend=None
        while k<=last:
            s,e,raw=L[k];b=B[k]
            if not b.strip(): k+=1;continue
            path=tuple(base)+tuple(x[1] for x in stack)
            if '\t' in raw:
                cells=[re.sub(r'<[^<>]{0,40}>','',c).strip() for c in raw.split('\t')]
                if prev!='row' or cols is None or [re.sub(r'\s','',c) for c in cells]==[re.sub(r'\s','',c) for c in cols]:
                    if cols is None or prev!='row' and sum(map(len,cells))/max(1,len(cells))<12 and not re.match(r'^\d',cells[0]):
                        cols=cells;fill=['']*len(cells);group=None
                        clauses.append(Clause(n,path,s,e,' '.join(filter(None,cells)),'heading'));prev='row';k+=1;continue
                    if [re.sub(r'\s','',c) for c in cells]==[re.sub(r'\s','',c) for c in cols]:
                        prev='row';k+=1;continue
                full=[c for c in cells if c]
                if len(full)==1 and cells[0] and style(cells[0]): group=cells[0]
                for x,c in enumerate(cells):
                    if x<len(fill):
                        if c: fill[x]=c
                        elif x<2: cells[x]=fill[x]
                pairs=tuple((cols[x] if x<len(cols) else '',c) for x,c in enumerate(cells) if c)
                txt='；'.join(f'{a}：{c}' if a else c for a,c in pairs)
                clauses.append(Clause(n,path+((group,) if group and group!=txt else ()),s,e,txt,'row',pairs));prev='row';k+=1;continue
            if prev=='row' and not style(b): cols=cols
            if ATT.match(b):
                base=[b];stack=[];cols=None
                clauses.append(Clause(n,(b,),s,e,b,'attachment'));prev='att';k+=1;continue
            if prev=='att':
                base.append(b); clauses.append(Clause(n,tuple(base),s,e,b,'title'));prev='atitle';k+=1;continue
            if DATE.match(b):
                clauses.append(Clause(n,(),s,e,b,'date'));prev='date';k+=1;continue
            # join page-broken paragraphs
            end=e;txt=b;q=k
            while not re.search(r'[。；：:;！？!?）)”》]$',txt) and len(txt)>24:
                q2=q+1
                while q2<=last and not B[q2].strip(): q2+=1
                if q2>last or '\t' in L[q2][2] or style(B[q2]) or DATE.match(B[q2]) or L[q2][2].startswith('#') or ATT.match(B[q2]): break
                txt+=B[q2];end=L[q2][1];q=q2
            st=style(b)
            if st:
                cols=None
                nm,numtok=st;r=rank(nm)
                while stack and stack[-1][0]>=r: stack.pop()
                hd,alone=heading(b,numtok)
                if alone: txt=b;end=e;q=k
                stack.append((r,hd))
                clauses.append(Clause(n,tuple(base)+tuple(x[1] for x in stack),s,end,txt,'heading' if alone and len(b)>len(numtok) else 'text'))
            else:
                kd='addressee' if b.endswith('：') and k<i+6 else 'signature' if len(b)<30 and b.startswith(issuer[:5]) and k+3<=last and any(DATE.match(B[z]) for z in range(k,min(k+4,last+1))) else 'text'
                clauses.append(Clause(n,() if kd!='text' else path,s,end,txt,kd))
            prev='p';k=q+1
    return ParsedGazette(g,tuple(notices),tuple(clauses))
