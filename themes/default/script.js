(d=>{
const c=d.getElementById("clock"),z=c.dataset,l=d.documentElement.lang,$=s=>[...d.querySelectorAll(s)],
o=x=>new Intl.DateTimeFormat(l,{timeZone:z.zone,numberingSystem:z.digits,...x}),kept={},
f=(k,x)=>kept[k]||(kept[k]=o(x)),
ago=(n,u)=>(kept.a||(kept.a=new Intl.RelativeTimeFormat(l,{style:"short",numberingSystem:z.digits}))).format(n,u),
zone=new Intl.DateTimeFormat("en",{timeZone:z.zone,timeZoneName:"shortOffset"}),
folio=d.querySelector(".folio time"),
ages=$("time[data-age]").map(e=>({e,at:Date.parse(e.dateTime),said:e.textContent,card:e.closest(".age")})),
bdi=d.createElement("bdi"),when=d.createElement("span"),text=d.createTextNode("");
bdi.dir="ltr";when.className="date";c.replaceChildren(text,bdi,when);
const tick=()=>{
const now=Date.now(),offset=zone.formatToParts(now).find(p=>p.type=="timeZoneName").value.slice(3)||"+0",
[h,m]=offset.slice(1).split(":"),ahead=(h*60+ +(m||0))*6e4*(offset[0]=="+"?1:-1),day=t=>Math.floor((t+ahead)/864e5),
today=new Date(now+ahead).toISOString().slice(0,10);
text.data=f("c",{timeStyle:"short"}).format(now)+" "+z.gmt+" ";
const shown=offset.replace("-","−");
bdi.textContent=z.digits=="latn"?shown:shown.replace(/\d/g,n=>new Intl.NumberFormat(l,{numberingSystem:z.digits}).format(n));
when.textContent=folio&&folio.dateTime==today?"":" · "+f("d",{dateStyle:"long"}).format(now);
ages.forEach(a=>{
const m=Math.floor((now-a.at)/6e4),days=day(now)-day(a.at),
said=m>=0&&m<720?m<60?ago(-m,"minute"):ago(-Math.floor(m/60),"hour"):"";
if(a.card)a.e.textContent=said||(!folio||days<1||folio.dateTime==today||days>300?a.said:days<7?f("w",{weekday:"short"}).format(a.at):f("n",{day:"numeric",month:"short"}).format(a.at));
else{if(!a.s){a.s=d.createElement("span");a.s.className="ago";a.e.before(a.s," ")}a.s.textContent=said}});
setTimeout(tick,6e4-now%6e4)};
tick();
$("img[data-colour]").forEach(e=>{e.style.background=e.dataset.colour});
$("[data-report]").forEach(a=>{const to=a.href,story=d.querySelector(".text");let passage="";
d.addEventListener("selectionchange",()=>{
const s=getSelection(),said=(""+s).trim(),n=s.anchorNode;
if(!said||!story.contains(n))return;
const at=(n.closest?n:n.parentElement).closest("[id]");
passage=said.slice(0,500)+(at?" (#"+at.id+")":"")});
a.onclick=()=>{a.href=to+encodeURIComponent(passage)}});
if(navigator.clipboard)$("[data-copy]").forEach(b=>{b.hidden=false;
b.onclick=()=>navigator.clipboard.writeText(b.dataset.copy).then(()=>{b.nextElementSibling.textContent=b.dataset.done})});
if(navigator.share)$('a[href^="mailto:?"]').forEach(a=>{
a.onclick=e=>{e.preventDefault();navigator.share({title:d.title,url:d.querySelector("link[rel=shortlink]").href}).catch(()=>{})}})
})(document)
