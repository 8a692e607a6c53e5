// print: size=1440x960 key=#16324a spot=#e2542f seed=111 knock=.3
// Saltmarsh Park from the top of the terrace: rain in four floodlights, a scarf among the hats.
#declare Seed=63; #declare Haze=520; #declare HazeTop=22; #declare HazeTone=.20; #declare SkyLow=.26; #declare SkyHigh=.030; #declare SkyBand=.5; #declare SunX=.1; #declare SunY=.9; #declare SunZ=-.2; #declare SunLight=1; #declare Fill=.05; #declare Ambient=.06;
#include "kit.inc"
#declare Eye=<0,14,-58>;
camera{location Eye look_at Eye+<.10,-.055,1> right x*image_width/image_height angle 60}
plane{y,-1 Tone(.012)}
// The pitch, mown in bands, with its lines.
box{<-34,-.1,-18>,<34,0,86> #if (Plate=1) pigment{gradient z color_map{[0 rgb .95][.5 rgb .95][.5 rgb .50][1 rgb .50]} scale 17} finish{ambient .3 diffuse .55} #else Flat(0) #end}
#macro Line(a,b) box{<min(a.x,b.x)-.14,.0,min(a.z,b.z)-.14>,<max(a.x,b.x)+.14,.03,max(a.z,b.z)+.14> Flat(.9)} #end
Line(<-30,0,-14>,<30,0,-14>) Line(<-30,0,82>,<30,0,82>) Line(<-30,0,-14>,<-30,0,82>) Line(<30,0,-14>,<30,0,82>) Line(<-30,0,34>,<30,0,34>)
Line(<-18,0,-14>,<-18,0,1>) Line(<18,0,-14>,<18,0,1>) Line(<-18,0,1>,<18,0,1>) Line(<-18,0,82>,<-18,0,67>) Line(<18,0,82>,<18,0,67>) Line(<-18,0,67>,<18,0,67>)
torus{9,.16 scale<1,.1,1> translate z*34 Flat(.9)}
#macro Goal(zz) union{Bar(<-3.7,0,zz>,<-3.7,2.5,zz>,.10) Bar(<3.7,0,zz>,<3.7,2.5,zz>,.10) Bar(<-3.7,2.5,zz>,<3.7,2.5,zz>,.10) Flat(.97)} #end Goal(82) Goal(-14)
// Twenty-two men and a referee, small, with long shadows.
#declare i=0; #while(i<21) #declare p=<Between(-26,26),0,Between(-6,76)>; union{sphere{y*1.62,.16} cone{y*.75,.24,y*1.45,.26} cone{<-.12,0,0>,.09,<-.10,.8,0>,.13} cone{<.16,0,.1>,.09,<.10,.8,0>,.13} Flat((mod(i,2)=0?.003:T4)) scale 1.15 translate p}
  #declare k=0; #while(k<2) box{<-.16,.005,0>,<.16,.012,2.6> rotate y*(k=0?24:-28) translate p Flat(.10)} #declare k=k+1; #end #declare i=i+1; #end
// Stands on three sides: roofs, dark tiers speckled with faces too far to be any.
#macro Stand(w)
union{ prism{linear_spline -w/2,w/2,7,<0,-1>,<0,2>,<15,10>,<15,17>,<17,17>,<17,-1>,<0,-1> matrix<0,0,1, 1,0,0, 0,1,0, 0,0,0> Tone(.02)}
  prism{linear_spline -w/2-1,w/2+1,5,<-1,13.4>,<17,17>,<17,17.8>,<-1,14.6>,<-1,13.4> matrix<0,0,1, 1,0,0, 0,1,0, 0,0,0> Tone(.05)}
  box{<-w/2,13.2,-1.2>,<w/2,14.8,-1> Flat(.30)}
  #local i=0; #while(i<w*5) #local f=rand(R); box{<-.20,0,0>,<.20,.5,.1> translate<Between(-w/2,w/2),2.3+f*7.6,.1+f*14> Flat((rand(R)<.45?.42:.12))} #local i=i+1; #end
  #local i=0; #while(i<w/12) Bar(<-w/2+i*12,0,0>,<-w/2+i*12,14,0>,.16) #local i=i+1; #end Tone(.01)}
#end
object{Stand(72) translate z*92} object{Stand(110) rotate y*90 translate<40,0,34>} object{Stand(110) rotate y*-90 translate<-40,0,34>}
// The masts.
#macro Mast(p,face)
union{ #local i=0; #while(i<2) Bar(<-1.2+i*2.4,0,0>,<-.7+i*1.4,34,0>,.16) #local i=i+1; #end
  #local i=0; #while(i<11) Bar(<-1.2+i*.045,i*3,0>,<1.2-i*.045,i*3+3,0>,.07) #local i=i+1; #end
  box{<-3.4,33,-.2>,<3.4,39,.2> Tone(.01)}
  #local i=0; #while(i<5) #local j=0; #while(j<4) cylinder{<-2.7+i*1.35,33.9+j*1.4,-.5>,<-2.7+i*1.35,33.9+j*1.4,-.2>,.56 Flat(T4)} #local j=j+1; #end #local i=i+1; #end
  Tone(.01) rotate y*face translate p}
#end
Mast(<-44,0,98>,10) Mast(<44,0,98>,-10) Mast(<-49,0,10>,16) Mast(<57,0,12>,-14)
// Their light in the wet air: cut wedges with stippled rims.
#if (Plate=1)
#macro Shaft(a,b,r) #local d=vnormalize(b-a);
  cone{a,2.6,b,r open no_shadow no_reflection hollow pigment{function{sqrt(x*x+z*z)} color_map{[0 rgbt<.8,.8,.8,.95>][1 rgbt<.8,.8,.8,.95>]}} finish{ambient 1 diffuse 0}}
#end
Shaft(<-44,36,97>,<-8,0,60>,20) Shaft(<44,36,97>,<8,0,60>,20) Shaft(<-49,36,10>,<-6,0,26>,20) Shaft(<57,36,12>,<6,0,26>,20)
#end
// The terrace in front of us: shoulders and hats, from behind.
#macro Spectator(p,s,hat)
union{ cone{<0,-1.6,0>,.34,<0,-.14,0>,.27} sphere{0,1 scale<.285,.15,.17> translate y*-.13} cone{<0,-.10,0>,.14,<0,.12,0>,.078} sphere{0,1 scale<.096,.122,.108> translate y*.225}
  #switch(hat)
   #case(0) sphere{0,1 scale<.108,.118,.118> translate<0,.27,.0>} cylinder{<0,.22,0>,<0,.255,0>,.112} #break
   #case(1) cylinder{<0,.280,0>,<0,.295,0>,.19} cone{<0,.285,0>,.112,<0,.405,0>,.098} #break
   #case(2) sphere{0,1 scale<.118,.14,.12> translate<0,.23,.01>} cone{<0,-.06,-.05>,.12,<0,.22,-.03>,.11} #break
   #case(3) sphere{0,1 scale<.135,.062,.14> translate<0,.30,.01>} #break
  #end
  scale s translate p Tone(.0012)}
#end
#declare j=0; #while(j<4) #declare i=0; #while(i<19)
  Spectator(Eye+<-6.6+i*.70+Between(-.10,.10)+mod(j,2)*.35,-2.40+j*.30-(3-j)*.16+Between(-.07,.07),8.6-j*1.05>,Between(1.0,1.15),int(rand(R)*3.99))
#declare i=i+1; #end #declare j=j+1; #end
box{<-9,-3,-.1>,<9,-1.05,.1> Tone(.0012) translate Eye+z*5.0-y*.5}
// One scarf, held up.
#declare S=Eye+<1.55,-1.30,5.9>;
Spectator(S+<0,-.16,.0>,1.15,0)
union{Bar(S+<-.25,-.30,0>,S+<-.50,.02,0>,.062) Bar(S+<-.50,.02,0>,S+<-.56,.50,0>,.052) sphere{S+<-.56,.52,0>,.06} Bar(S+<.25,-.30,0>,S+<.50,.0,0>,.062) Bar(S+<.50,.0,0>,S+<.58,.46,0>,.052) sphere{S+<.58,.48,0>,.06} Tone(.0012)}
mesh{#declare i=0; #while(i<18) #declare a=-.81+i*.09; #declare b=a+.09; #declare da=-.13*cos(a*2.4)+.012*sin(a*17); #declare db=-.13*cos(b*2.4)+.012*sin(b*17);
  triangle{S+<a,.58+da,.02>,S+<b,.58+db,.02>,S+<b,.38+db,.02>} triangle{S+<a,.58+da,.02>,S+<b,.38+db,.02>,S+<a,.38+da,.02>} #declare i=i+1; #end SpotTone(.97)}
Rain(Eye,160,.10,.60)
